package io.tacet.training.tcp;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secret that the members of one job share, by which they know each other. It is never sent
 * over their connections; how it comes to the members is up to whoever starts them.
 */
public final class JobToken {
  /** Bytes of a secret. */
  public static final int BYTES = 32;

  private static final String ALGORITHM = "HmacSHA256";

  private final byte[] secret;

  private JobToken(byte[] secret) {
    this.secret = secret;
  }

  /** A new secret. */
  public static JobToken random() {
    byte[] secret = new byte[BYTES];
    new SecureRandom().nextBytes(secret);
    return new JobToken(secret);
  }

  /**
   * The secret that {@link #text} gave.
   *
   * @throws IllegalArgumentException unless it is 64 hexadecimal digits
   */
  public static JobToken of(String text) {
    if (!text.matches("[0-9a-f]{" + 2 * BYTES + "}")) {
      throw new IllegalArgumentException(
          "token: expected "
              + 2 * BYTES
              + " hexadecimal digits, as JobToken.random().text() gives.");
    }
    return new JobToken(HexFormat.of().parseHex(text));
  }

  /** The secret, to be handed to the other members. */
  public String text() {
    return HexFormat.of().formatHex(secret);
  }

  /** What only a member can compute of a message: its HMAC-SHA256, 32 bytes. */
  byte[] proof(byte[] message) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret, ALGORITHM));
      return mac.doFinal(message);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JVM has " + ALGORITHM + ".", e);
    }
  }

  /** Not the secret, which is not to get into logs. */
  @Override
  public String toString() {
    return "JobToken";
  }
}
