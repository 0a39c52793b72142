package io.tacet.data;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * A check sum of a data set, by which a model knows what it was trained and measured with: the same
 * content in the same order has the same one, whatever folder it came from. It detects mistakes,
 * not forgeries.
 */
public final class Fingerprint {
  private final CRC32C sum = new CRC32C();
  private ByteBuffer bytes = ByteBuffer.allocate(0);

  private Fingerprint() {}

  /** The check sum, eight hexadecimal digits. */
  public static String of(Dataset data) {
    Fingerprint print = new Fingerprint();
    if (data instanceof SpikeDataset spikes) {
      print.spikes(spikes);
    } else if (data instanceof SequenceData sequences) {
      print.sequences(sequences);
    } else {
      print.integers(((Text) data).tokens());
    }
    return String.format("%08x", print.sum.getValue());
  }

  private void spikes(SpikeDataset data) {
    integers(data.sources(), data.classes(), data.size());
    for (int i = 0; i < data.size(); i++) {
      int count = data.end(i) - data.begin(i);
      ByteBuffer room = room(8 + 12 * count).putInt(data.label(i)).putInt(count);
      for (int e = data.begin(i); e < data.end(i); e++) {
        room.putDouble(data.time(e)).putInt(data.source(e));
      }
      add(room);
    }
  }

  private void sequences(SequenceData data) {
    integers(data.channels(), data.classes(), data.steps(), data.size());
    float[] sample = new float[Math.multiplyExact(data.steps(), data.channels())];
    for (int i = 0; i < data.size(); i++) {
      if (data.length(i) < data.steps()) {
        integers(data.length(i));
        Arrays.fill(sample, 0);
      }
      data.fill(i, sample, 1, 0);
      ByteBuffer room = room(4 + 4 * sample.length).putInt(data.label(i));
      room.asFloatBuffer().put(sample);
      room.position(4 + 4 * sample.length);
      add(room);
    }
    if (data.targets() > 0) {
      targets(data);
    }
  }

  private void targets(SequenceData data) {
    int rows = data.targetsAtEveryStep() ? data.steps() : 1;
    float[] sample = new float[Math.multiplyExact(rows, data.targets())];
    for (int i = 0; i < data.size(); i++) {
      Arrays.fill(sample, 0);
      data.fillTargets(i, sample, 1, 0);
      ByteBuffer room = room(4 * sample.length);
      room.asFloatBuffer().put(sample);
      add(room.position(4 * sample.length));
    }
  }

  private void integers(int... values) {
    ByteBuffer room = room(4 * values.length);
    for (int value : values) {
      room.putInt(value);
    }
    add(room);
  }

  private ByteBuffer room(int length) {
    if (bytes.capacity() < length) {
      bytes = ByteBuffer.allocate(length);
    }
    return bytes.clear();
  }

  private void add(ByteBuffer room) {
    sum.update(room.flip());
  }
}
