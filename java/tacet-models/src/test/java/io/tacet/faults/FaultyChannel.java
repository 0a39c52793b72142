package io.tacet.faults;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** A channel whose writes can fail, half done as on a full disk. */
final class FaultyChannel extends FileChannel {
  private final FileChannel channel;
  private final Faults faults;

  FaultyChannel(FileChannel channel, Faults faults) {
    this.channel = channel;
    this.faults = faults;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    if (faults.now()) {
      channel.write(source.slice(source.position(), source.remaining() / 2));
      throw new IOException(Faults.MESSAGE);
    }
    return channel.write(source);
  }

  @Override
  public void force(boolean metadata) throws IOException {
    if (faults.now()) {
      throw new IOException(Faults.MESSAGE);
    }
    channel.force(metadata);
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    return channel.read(target);
  }

  @Override
  public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
    return channel.read(targets, offset, length);
  }

  @Override
  public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
    return channel.write(sources, offset, length);
  }

  @Override
  public long position() throws IOException {
    return channel.position();
  }

  @Override
  public FileChannel position(long at) throws IOException {
    channel.position(at);
    return this;
  }

  @Override
  public long size() throws IOException {
    return channel.size();
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    channel.truncate(size);
    return this;
  }

  @Override
  public long transferTo(long at, long count, WritableByteChannel target) throws IOException {
    return channel.transferTo(at, count, target);
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long at, long count) throws IOException {
    return channel.transferFrom(source, at, count);
  }

  @Override
  public int read(ByteBuffer target, long at) throws IOException {
    return channel.read(target, at);
  }

  @Override
  public int write(ByteBuffer source, long at) throws IOException {
    return channel.write(source, at);
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long at, long size) throws IOException {
    return channel.map(mode, at, size);
  }

  @Override
  public FileLock lock(long at, long size, boolean shared) throws IOException {
    return channel.lock(at, size, shared);
  }

  @Override
  public FileLock tryLock(long at, long size, boolean shared) throws IOException {
    return channel.tryLock(at, size, shared);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    channel.close();
  }
}
