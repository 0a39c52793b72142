package io.tacet.cuda.internal;

import io.tacet.cuda.ArrayTransfer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Buffers in page-locked memory through which Java arrays go to a device and back. A direct copy
 * from or to an array would pin it in the heap, and block the garbage collector, until the device
 * has reached the copy. An array that has been staged may be modified at once, so a write does not
 * wait for the device unless all buffers are in flight; a read waits only for its own data.
 *
 * <p>Pieces of 256 KiB are large enough for the full bandwidth of the link and small enough that 16
 * of them, 4 MiB, allow as many small arrays in flight. Buffers are allocated on first use.
 * Thread-safe.
 */
final class Staging implements AutoCloseable {
  static final int PIECE = 1 << 18;
  static final int MOST = 16;
  private static final int PAGE = 4096;

  /** Small arrays that are waited for together. */
  private static final int TOGETHER = MOST / 2;

  /** Pieces of a read in flight at once: one copied by the device, one by the host. */
  private static final int AHEAD = 4;

  private final long context;
  // The one that was used longest ago first.
  private final Deque<Buffer> buffers = new ArrayDeque<>();
  private int made;

  Staging(long context) {
    this.context = context;
  }

  /** A buffer, and the event that its last use sets. */
  private final class Buffer {
    // Pages of its own, so that they can be locked.
    final ByteBuffer memory =
        ByteBuffer.allocateDirect(PIECE + PAGE)
            .alignedSlice(PAGE)
            .limit(PIECE)
            .order(ByteOrder.nativeOrder());
    final long address;
    final long event;

    Buffer() {
      long[] out = new long[1];
      Calls.check(Tacet.tacet_event_create(context, out));
      event = out[0];
      int status = Tacet.tacet_lock(context, memory, PIECE, out);
      if (status != Tacet.TACET_OK) {
        RuntimeException failure = Calls.failure(status);
        Tacet.tacet_event_destroy(context, event);
        throw failure;
      }
      address = out[0];
    }

    /** The memory from an offset on. */
    ByteBuffer at(int offset) {
      return memory.slice(offset, PIECE - offset).order(ByteOrder.nativeOrder());
    }

    boolean isFree() {
      long[] happened = new long[1];
      Calls.check(Tacet.tacet_event_happened(context, happened, event));
      return happened[0] != 0;
    }

    void await() {
      Calls.check(Tacet.tacet_event_synchronize(context, event));
    }

    void record(long stream) {
      Calls.check(Tacet.tacet_event_record(context, event, stream));
    }
  }

  synchronized void write(long target, Object source, long offset, long bytes, long stream) {
    for (long at = 0; at < bytes; at += PIECE) {
      int length = (int) Math.min(PIECE, bytes - at);
      Buffer buffer = take();
      try {
        put(source, offset + at, length, buffer.memory);
        Calls.check(
            Tacet.tacet_copy_from_host(context, target + at, buffer.address, length, stream));
        buffer.record(stream);
      } finally {
        buffers.add(buffer);
      }
    }
  }

  synchronized void read(Object target, long offset, long source, long bytes, long stream) {
    Deque<Buffer> coming = new ArrayDeque<>();
    try {
      long asked = 0;
      long done = 0;
      while (done < bytes) {
        while (asked < bytes && coming.size() < AHEAD) {
          Buffer buffer = take();
          coming.add(buffer);
          long length = Math.min(PIECE, bytes - asked);
          Calls.check(
              Tacet.tacet_copy_to_host(context, buffer.address, source + asked, length, stream));
          buffer.record(stream);
          asked += length;
        }
        Buffer buffer = coming.element();
        buffer.await();
        int length = (int) Math.min(PIECE, bytes - done);
        get(buffer.memory, length, target, offset + done);
        buffers.add(coming.remove());
        done += length;
      }
    } finally {
      buffers.addAll(coming);
    }
  }

  /** Writes several arrays, those of a span by one copy. */
  synchronized void writeAll(List<ArrayTransfer> transfers, long stream) {
    for (Span span : Span.of(transfers, PIECE)) {
      if (span.bytes() > PIECE) {
        ArrayTransfer only = span.parts().get(0);
        write(only.address(), only.array(), 0, only.bytes(), stream);
        continue;
      }
      Buffer buffer = take();
      try {
        for (ArrayTransfer part : span.parts()) {
          put(part.array(), 0, (int) part.bytes(), buffer.at(span.offset(part)));
        }
        Calls.check(
            Tacet.tacet_copy_from_host(
                context, span.begin(), buffer.address, span.bytes(), stream));
        buffer.record(stream);
      } finally {
        buffers.add(buffer);
      }
    }
  }

  /**
   * Reads several arrays, those of a span by one copy; spans that fit into a buffer are waited for
   * together, some at a time, since copies are in the order of the stream.
   */
  synchronized void readAll(List<ArrayTransfer> transfers, long stream) {
    Deque<Buffer> coming = new ArrayDeque<>();
    List<Span> waiting = new ArrayList<>();
    try {
      for (Span span : Span.of(transfers, PIECE)) {
        if (span.bytes() > PIECE) {
          ArrayTransfer only = span.parts().get(0);
          read(only.array(), 0, only.address(), only.bytes(), stream);
          continue;
        }
        Buffer buffer = take();
        coming.add(buffer);
        Calls.check(
            Tacet.tacet_copy_to_host(context, buffer.address, span.begin(), span.bytes(), stream));
        buffer.record(stream);
        waiting.add(span);
        if (coming.size() == TOGETHER) {
          finish(coming, waiting);
        }
      }
      finish(coming, waiting);
    } finally {
      buffers.addAll(coming);
    }
  }

  private void finish(Deque<Buffer> coming, List<Span> waiting) {
    if (coming.isEmpty()) {
      return;
    }
    coming.getLast().await();
    for (Span span : waiting) {
      Buffer buffer = coming.remove();
      for (ArrayTransfer part : span.parts()) {
        get(buffer.at(span.offset(part)), (int) part.bytes(), part.array(), 0);
      }
      buffers.add(buffer);
    }
    waiting.clear();
  }

  /** A buffer that nothing is copying from or to, taken out of the queue. */
  private Buffer take() {
    if (made < MOST && (buffers.isEmpty() || !buffers.element().isFree())) {
      Buffer buffer = new Buffer();
      made++;
      return buffer;
    }
    Buffer buffer = buffers.remove();
    if (!buffer.isFree()) {
      buffer.await();
    }
    return buffer;
  }

  private static void put(Object source, long offset, int bytes, ByteBuffer buffer) {
    if (source instanceof float[] values) {
      buffer.asFloatBuffer().put(0, values, (int) (offset / 4), bytes / 4);
    } else if (source instanceof int[] values) {
      buffer.asIntBuffer().put(0, values, (int) (offset / 4), bytes / 4);
    } else if (source instanceof short[] values) {
      buffer.asShortBuffer().put(0, values, (int) (offset / 2), bytes / 2);
    } else {
      buffer.asDoubleBuffer().put(0, (double[]) source, (int) (offset / 8), bytes / 8);
    }
  }

  private static void get(ByteBuffer buffer, int bytes, Object target, long offset) {
    if (target instanceof float[] values) {
      buffer.asFloatBuffer().get(0, values, (int) (offset / 4), bytes / 4);
    } else if (target instanceof int[] values) {
      buffer.asIntBuffer().get(0, values, (int) (offset / 4), bytes / 4);
    } else if (target instanceof short[] values) {
      buffer.asShortBuffer().get(0, values, (int) (offset / 2), bytes / 2);
    } else {
      buffer.asDoubleBuffer().get(0, (double[]) target, (int) (offset / 8), bytes / 8);
    }
  }

  /** Waits for copies in flight. */
  @Override
  public synchronized void close() {
    for (Buffer buffer : buffers) {
      if (!buffer.isFree()) {
        buffer.await();
      }
      Calls.check(Tacet.tacet_unlock(context, buffer.address));
      Calls.check(Tacet.tacet_event_destroy(context, buffer.event));
    }
    buffers.clear();
    made = 0;
  }
}
