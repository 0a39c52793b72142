package io.tacet.bench;

import java.util.List;

/**
 * What a manufacturer says of a GPU. Rates of the second-level cache and the costs of a dependent
 * step are not among it, so floors by a data sheet leave both out and are lower than those by
 * {@link DeviceCeilings}.
 *
 * @param name as it is sold
 * @param bytesPerSecond of the memory
 * @param flopsPerSecond in single precision without tensor cores, fused multiply-adds count twice
 * @param cache bytes of the second-level cache
 */
record DataSheet(String name, double bytesPerSecond, double flopsPerSecond, double cache) {
  /**
   * NVIDIA H200 Tensor Core GPU, data sheet of 2024: SXM, 141 GB of HBM3e. GeForce RTX 4090: Ada
   * GPU architecture, white paper of 2022, appendix A.
   */
  static final List<DataSheet> ALL =
      List.of(
          new DataSheet("H200", 4.8e12, 67e12, 50 * 0x1p20),
          new DataSheet("RTX 4090", 1.008e12, 82.6e12, 72 * 0x1p20));

  Ceilings ceilings() {
    return Ceilings.ofDataSheet(this);
  }
}
