package io.tacet.training.tcp;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * How two members make sure of each other, before anything else is sent: both show that they know
 * the token, by a proof over random numbers of both sides, and that they mean the same job. A side
 * that does not is told nothing.
 */
final class Handshake {
  private static final byte[] MAGIC = "TACETGRP".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION = 1;
  private static final int NONCE = 16;
  private static final int HELLO = MAGIC.length + 4 * Integer.BYTES + NONCE;
  private static final int PROOF = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final TcpSettings settings;
  private final int members;

  /**
   * What a side says first.
   *
   * @param bytes of the whole message
   * @param rank of who says it
   */
  private record Hello(byte[] bytes, int rank) {}

  Handshake(TcpSettings settings, int members) {
    this.settings = settings;
    this.members = members;
  }

  /**
   * The side that has connected.
   *
   * @throws IOException if the other is not the member of that rank
   */
  void connect(Connection connection, int rank, int other) throws IOException {
    Hello own = hello(rank);
    connection.write(own.bytes);
    Hello theirs = read(connection);
    if (theirs.rank != other) {
      throw new ProtocolException("expected member " + other + ", got member " + theirs.rank);
    }
    check(connection, "accepts", own, theirs);
    connection.write(proof("connects", own, theirs));
    if (connection.read(1)[0] != 1) {
      throw new ProtocolException("it has not accepted");
    }
  }

  /**
   * The side that was connected to.
   *
   * @return rank of the other
   * @throws IOException if the other is no member of the job
   */
  int accept(Connection connection, int rank) throws IOException {
    Hello theirs = read(connection);
    Hello own = hello(rank);
    connection.write(own.bytes);
    connection.write(proof("accepts", theirs, own));
    check(connection, "connects", theirs, own);
    connection.write(new byte[] {1});
    return theirs.rank;
  }

  private Hello hello(int rank) throws IOException {
    byte[] nonce = new byte[NONCE];
    RANDOM.nextBytes(nonce);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(HELLO);
    DataOutputStream out = new DataOutputStream(bytes);
    out.write(MAGIC);
    out.writeInt(VERSION);
    out.writeInt(rank);
    out.writeInt(members);
    out.writeInt(settings.round());
    out.write(nonce);
    return new Hello(bytes.toByteArray(), rank);
  }

  private Hello read(Connection connection) throws IOException {
    byte[] bytes = connection.read(HELLO);
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
      throw new ProtocolException("it is no member of a Tacet training");
    }
    int version = in.readInt();
    if (version != VERSION) {
      throw new ProtocolException(
          "expected version "
              + VERSION
              + " of the protocol, got "
              + version
              + ". Use one version of Tacet for all members");
    }
    int rank = in.readInt();
    int size = in.readInt();
    int round = in.readInt();
    if (rank < 0 || rank >= members || size != members || round != settings.round()) {
      throw new ProtocolException(
          String.format(
              "expected a member of %d in attempt %d, got member %d of %d in attempt %d",
              members, settings.round(), rank, size, round));
    }
    return new Hello(bytes, rank);
  }

  private byte[] proof(String side, Hello connecting, Hello accepting) throws IOException {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    message.write(side.getBytes(StandardCharsets.US_ASCII));
    message.write(connecting.bytes);
    message.write(accepting.bytes);
    return settings.token().proof(message.toByteArray());
  }

  private void check(Connection connection, String side, Hello connecting, Hello accepting)
      throws IOException {
    // Takes the same time whatever is wrong.
    if (!MessageDigest.isEqual(connection.read(PROOF), proof(side, connecting, accepting))) {
      throw new ProtocolException("it does not know the token of this job");
    }
  }
}
