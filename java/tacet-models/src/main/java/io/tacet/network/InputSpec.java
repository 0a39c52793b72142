package io.tacet.network;

import io.tacet.eventprop.Simulator;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What enters a network. */
public sealed interface InputSpec {
  /** Names of the kinds in files. */
  List<String> KINDS = List.of("spikes", "bins", "sequence", "tokens");

  /** Input of the first layer. */
  Flow flow();

  /** End of event times in ms, after which none is seen; NaN of other inputs. */
  default double duration() {
    return Double.NaN;
  }

  /** As the JSON of a specification has it. */
  Map<String, Object> toMap();

  /**
   * Event times.
   *
   * @param channels number of sources
   * @param duration end of the simulation in ms; later events are not seen
   * @param simulator of the spiking layers
   */
  record Spikes(int channels, double duration, Simulator simulator) implements InputSpec {
    public Spikes {
      requireChannels(channels);
      requireDuration(duration);
    }

    @Override
    public Flow flow() {
      return new Flow(Flow.Kind.SPIKES, channels);
    }

    @Override
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("kind", "spikes");
      map.put("channels", channels);
      map.put("duration", duration);
      map.put("dt", simulator.dt());
      return map;
    }
  }

  /**
   * Event times, counted in intervals of equal length: numbers at every step.
   *
   * @param channels number of sources
   * @param duration end of the last interval in ms; later events are not seen
   * @param steps number of intervals
   */
  record Bins(int channels, double duration, int steps) implements InputSpec {
    public Bins {
      requireChannels(channels);
      requireDuration(duration);
      if (steps < 1) {
        throw new IllegalArgumentException("bin: expected at least 1 step, got " + steps + ".");
      }
    }

    @Override
    public Flow flow() {
      return new Flow(Flow.Kind.STEPS, channels);
    }

    @Override
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("kind", "bins");
      map.put("channels", channels);
      map.put("duration", duration);
      map.put("steps", steps);
      return map;
    }
  }

  /**
   * Numbers at every step.
   *
   * @param channels of a step
   */
  record Sequence(int channels) implements InputSpec {
    public Sequence {
      requireChannels(channels);
    }

    @Override
    public Flow flow() {
      return new Flow(Flow.Kind.STEPS, channels);
    }

    @Override
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("kind", "sequence");
      map.put("channels", channels);
      return map;
    }
  }

  /**
   * A token at every step.
   *
   * @param vocabulary number of tokens
   */
  record Tokens(int vocabulary) implements InputSpec {
    public Tokens {
      if (vocabulary < 1) {
        throw new IllegalArgumentException(
            "tokens: expected a vocabulary of at least 1, got " + vocabulary + ".");
      }
    }

    @Override
    public Flow flow() {
      return new Flow(Flow.Kind.TOKENS, vocabulary);
    }

    @Override
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("kind", "tokens");
      map.put("vocabulary", vocabulary);
      return map;
    }
  }

  /** Reads what {@link #toMap} wrote. */
  static InputSpec of(JsonObject json) throws JsonException {
    return switch (json.choice("kind", KINDS)) {
      case "spikes" -> {
        json.only("kind", "channels", "duration", "dt");
        yield new Spikes(
            json.integer("channels"), json.real("duration"), Simulator.ofStep(json.real("dt", 0)));
      }
      case "bins" -> {
        json.only("kind", "channels", "duration", "steps");
        yield new Bins(json.integer("channels"), json.real("duration"), json.integer("steps"));
      }
      case "sequence" -> {
        json.only("kind", "channels");
        yield new Sequence(json.integer("channels"));
      }
      default -> {
        json.only("kind", "vocabulary");
        yield new Tokens(json.integer("vocabulary"));
      }
    };
  }

  private static void requireChannels(int channels) {
    if (channels < 1) {
      throw new IllegalArgumentException(
          "channels: expected a positive number, got " + channels + ".");
    }
  }

  private static void requireDuration(double duration) {
    if (!(duration > 0 && duration < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "duration: expected a positive number of ms, got " + duration + ".");
    }
  }
}
