package io.tacet.exchange;

import io.tacet.egru.GruWeights;

/** Weights of a layer of another framework, in the layout of ours. Arrays are not copied. */
public sealed interface ModuleWeights {
  /** Inputs of the module; of a table, its rows. */
  int inputs();

  /** Units, outputs, or columns of a table. */
  int outputs();

  /** What it is called in messages. */
  String kind();

  /** A GRU in one direction. */
  record Gru(GruWeights weights) implements ModuleWeights {
    @Override
    public int inputs() {
      return weights.input().length / weights.inputBias().length;
    }

    @Override
    public int outputs() {
      return weights.inputBias().length / 3;
    }

    @Override
    public String kind() {
      return "GRU";
    }
  }

  /**
   * Plain recurrent units.
   *
   * @param input [inputs][units]
   * @param recurrent [units][units], by source
   * @param bias [units]
   */
  record Rnn(float[] input, float[] recurrent, float[] bias) implements ModuleWeights {
    @Override
    public int inputs() {
      return input.length / bias.length;
    }

    @Override
    public int outputs() {
      return bias.length;
    }

    @Override
    public String kind() {
      return "RNN";
    }
  }

  /**
   * A linear map.
   *
   * @param weights [inputs][outputs]
   * @param bias [outputs]
   */
  record Linear(float[] weights, float[] bias) implements ModuleWeights {
    @Override
    public int inputs() {
      return weights.length / bias.length;
    }

    @Override
    public int outputs() {
      return bias.length;
    }

    @Override
    public String kind() {
      return "linear map";
    }
  }

  /**
   * A table of embeddings.
   *
   * @param rows [inputs][outputs]
   */
  record Table(float[] rows, int inputs, int outputs) implements ModuleWeights {
    @Override
    public String kind() {
      return "embedding";
    }
  }

  /** A matrix [rows][columns] as one [columns][rows]. */
  static float[] turned(float[] matrix, int rows, int columns) {
    float[] turned = new float[matrix.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        turned[c * rows + r] = matrix[r * columns + c];
      }
    }
    return turned;
  }
}
