package io.penstock.client.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows under headings, columns aligned: numbers to the right, everything else to the left. */
final class Table {

  private static final String GAP = "  ";

  private final List<String[]> rows = new ArrayList<>();
  private final boolean[] numeric;

  Table(String... headings) {
    rows.add(headings);
    numeric = new boolean[headings.length];
    Arrays.fill(numeric, true);
  }

  Table row(Object... cells) {
    String[] texts = new String[numeric.length];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = String.valueOf(cells[i]);
      numeric[i] &= cells[i] instanceof Number;
    }
    rows.add(texts);
    return this;
  }

  void print(PrintWriter out, String indent) {
    int[] widths = new int[numeric.length];
    for (String[] row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder(indent);
      for (int i = 0; i < widths.length; i++) {
        String padding = " ".repeat(widths[i] - row[i].length());
        line.append(i == 0 ? "" : GAP);
        line.append(numeric[i] ? padding + row[i] : row[i] + padding);
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
