package io.penstock.node.api.admin;

/** What configuration can belong to, by the numbers of the Kafka protocol. */
final class ConfigResources {

  static final byte TOPIC = 2;
  static final byte BROKER = 4;

  private ConfigResources() {}

  static boolean isThisNode(String name, int nodeId) {
    return name.equals(Integer.toString(nodeId));
  }

  static String unsupported(byte type) {
    String kind =
        switch (type) {
          case 8 -> "broker loggers";
          case 16 -> "client metrics";
          case 32 -> "groups";
          default -> "resources of type " + type;
        };
    return "there are no settings of " + kind + " here";
  }
}
