package io.penstock.node.group.classic;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;

/** What a simulated leader assigns: its partitions to a member, and on whose authority. */
record Assignment(int incarnation, int generation, String leader, List<Integer> partitions) {

  byte[] bytes() {
    StringBuilder text = new StringBuilder();
    text.append(incarnation).append(';').append(generation).append(';').append(leader).append(';');
    partitions.forEach(each -> text.append(each).append(','));
    return text.toString().getBytes(UTF_8);
  }

  static Assignment read(byte[] bytes) {
    String[] parts = new String(bytes, UTF_8).split(";", -1);
    List<Integer> partitions =
        Arrays.stream(parts[3].split(","))
            .filter(each -> !each.isBlank())
            .map(Integer::valueOf)
            .toList();
    return new Assignment(
        Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), parts[2], partitions);
  }
}
