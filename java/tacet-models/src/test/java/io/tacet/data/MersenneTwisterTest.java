package io.tacet.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Expected numbers: those of NumPy's RandomState. */
class MersenneTwisterTest {

  @Test
  void uniformNumbersAreThoseOfNumPy() {
    assertThat(new MersenneTwister(1234).doubles(4).toArray())
        .containsExactly(
            0.1915194503788923, 0.6221087710398319, 0.4377277390071145, 0.7853585837137692);
  }

  @Test
  void logNormalNumbersAreThoseOfNumPy() {
    MersenneTwister random = new MersenneTwister(1234);
    double[] expected = {
      1.602292095394183, 0.30392458174898, 4.190026122603125, 0.7315045078316139
    };
    for (double each : expected) {
      assertThat(Math.exp(random.nextGaussian())).isCloseTo(each, within(1e-14));
    }
  }

  @Test
  void theSecondOfTwoNormalNumbersIsKeptWhileUniformOnesAreDrawn() {
    MersenneTwister random = new MersenneTwister(1234);
    assertThat(random.nextGaussian()).isCloseTo(0.47143516373249306, within(1e-15));
    assertThat(random.nextDouble()).isEqualTo(0.4377277390071145);
    assertThat(random.nextGaussian()).isCloseTo(-1.1909756947064645, within(1e-15));
    assertThat(random.nextGaussian()).isCloseTo(0.6625090374532122, within(1e-15));
  }

  @Test
  void aSeedIsTakenWithoutASign() {
    MersenneTwister random = new MersenneTwister((int) 4294967295L);
    assertThat(random.nextGaussian()).isCloseTo(0.6484086742306527, within(1e-15));
    assertThat(random.nextGaussian()).isCloseTo(0.6693235306338161, within(1e-15));
    assertThat(random.nextGaussian()).isCloseTo(-1.0805437227474493, within(1e-15));
  }

  @Test
  void aBoundBelowOneIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MersenneTwister(1).nextInt(0))
        .withMessage("bound: expected at least 1, got 0.");
  }
}
