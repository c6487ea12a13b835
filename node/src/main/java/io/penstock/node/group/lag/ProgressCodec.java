package io.penstock.node.group.lag;

import io.penstock.replication.value.CompactBytes;
import java.util.ArrayList;
import java.util.List;

/** The bytes of questions and answers about partitions, in the same order. Stateless. */
final class ProgressCodec {

  private static final int VERSION = 1;

  private ProgressCodec() {}

  static byte[] encodeQuestions(List<Progress.Question> questions) {
    return CompactBytes.write(
        VERSION,
        out -> {
          out.writeUnsigned(questions.size());
          for (Progress.Question each : questions) {
            out.writeUuid(each.topicId());
            out.writeUnsigned(each.partition());
            out.writeSigned(each.offset());
            out.writeBoolean(each.withTime());
          }
        });
  }

  static List<Progress.Question> decodeQuestions(byte[] bytes) {
    return CompactBytes.read(
        VERSION,
        bytes,
        in -> {
          int count = in.readCount();
          List<Progress.Question> questions = new ArrayList<>();
          for (int i = 0; i < count; i++) {
            questions.add(
                new Progress.Question(
                    in.readUuid(), in.readUnsignedInt(), in.readSigned(), in.readBoolean()));
          }
          return questions;
        });
  }

  static byte[] encodeAnswers(List<Progress> answers) {
    return CompactBytes.write(
        VERSION,
        out -> {
          out.writeUnsigned(answers.size());
          for (Progress each : answers) {
            out.writeSigned(each.start());
            out.writeSigned(each.end());
            out.writeSigned(each.firstUnreadMs());
          }
        });
  }

  static List<Progress> decodeAnswers(byte[] bytes) {
    return CompactBytes.read(
        VERSION,
        bytes,
        in -> {
          int count = in.readCount();
          List<Progress> answers = new ArrayList<>();
          for (int i = 0; i < count; i++) {
            answers.add(new Progress(in.readSigned(), in.readSigned(), in.readSigned()));
          }
          return answers;
        });
  }
}
