package io.penstock.node.group.effect;

/**
 * How large what groups keep may be. Names come from clients and go into records whose strings end
 * at 32 767 bytes, and into the heap of every node that coordinates: Kafka bounds neither.
 * Stateless.
 */
public final class GroupLimits {

  /** The longest batch of {@code __consumer_offsets}; a group of thousands of members is one. */
  public static final int BATCH_BYTES_MAX = 10 << 20;

  /** The longest name of a group; a name is a part of each record of its group. */
  public static final int GROUP_ID_CHARS_MAX = 1_024;

  /** The longest name of a static member, as in Kafka. */
  public static final int INSTANCE_ID_CHARS_MAX = 249;

  /** What is kept of the name that a client gives itself; it becomes a part of member ids. */
  public static final int CLIENT_ID_CHARS_MAX = 255;

  /** The longest id that a coordinator makes for a member: its client's name and a UUID. */
  public static final int MEMBER_ID_CHARS_MAX = CLIENT_ID_CHARS_MAX + 1 + 36;

  /** The longest name of a protocol, and of a type of protocols. */
  public static final int PROTOCOL_CHARS_MAX = 1_024;

  private GroupLimits() {}

  /** The text up to so many characters; no pair of surrogates is cut. */
  public static String cut(String text, int charsMax) {
    if (text.length() <= charsMax) {
      return text;
    }
    boolean inPair = Character.isHighSurrogate(text.charAt(charsMax - 1));
    return text.substring(0, inPair ? charsMax - 1 : charsMax);
  }

  /** Whether a group may be made, or offsets be committed, under this name. */
  public static boolean isTooLong(String groupId) {
    return groupId.length() > GROUP_ID_CHARS_MAX;
  }

  /** How many bytes the text takes in a record. */
  public static int utf8Bytes(CharSequence text) {
    int bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char each = text.charAt(i);
      if (each < 0x80) {
        bytes++;
      } else if (each < 0x800 || Character.isSurrogate(each)) {
        bytes += 2; // a pair of surrogates is one character of four bytes
      } else {
        bytes += 3;
      }
    }
    return bytes;
  }
}
