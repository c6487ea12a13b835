package io.penstock.node.topic;

/** The type of a setting's value, with the number that DescribeConfigs has for it. */
public enum ConfigType {
  BOOLEAN(1),
  STRING(2),
  INT(3),
  LONG(5),
  DOUBLE(6),
  LIST(7);

  private final byte code;

  ConfigType(int code) {
    this.code = (byte) code;
  }

  public byte code() {
    return code;
  }
}
