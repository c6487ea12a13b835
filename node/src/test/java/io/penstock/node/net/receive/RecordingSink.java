package io.penstock.node.net.receive;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** Keeps copies of the frames it is given, and what else it is told. */
final class RecordingSink implements FrameSink {

  final List<byte[]> frames = new ArrayList<>();
  final List<String> refusals = new ArrayList<>();
  final Queue<Runnable> tasks = new ArrayDeque<>();
  int readyFor = Integer.MAX_VALUE;
  boolean first;
  boolean reading = true;

  @Override
  public boolean isReady() {
    return readyFor > 0;
  }

  @Override
  public boolean awaitsFirstRequest() {
    return first;
  }

  @Override
  public void readStarts() {}

  @Override
  public void frame(ByteBuf frame) {
    byte[] copy = new byte[frame.readableBytes()];
    frame.readBytes(copy);
    frame.release();
    frames.add(copy);
    readyFor--;
  }

  @Override
  public void refuse(String reason, String detail) {
    refusals.add(reason);
  }

  @Override
  public void readingWanted(boolean wanted) {
    reading = wanted;
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }
}
