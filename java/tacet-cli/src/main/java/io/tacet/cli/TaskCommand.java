package io.tacet.cli;

import io.tacet.Backend;
import io.tacet.tasks.Option;
import io.tacet.tasks.Settings;
import io.tacet.tasks.Task;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** {@code tacet train TASK}, with the options of that task only. */
@Command(mixinStandardHelpOptions = true)
final class TaskCommand implements Callable<Integer> {
  private final Task task;
  private final Map<String, String> given = new LinkedHashMap<>();

  @CommandLine.Option(
      names = "--recipe",
      description = "settings to begin with; default the first of those named above")
  private String recipe;

  @Mixin private RunOptions options;

  @CommandLine.Spec private CommandSpec spec;

  TaskCommand(Task task) {
    this.task = task;
  }

  /** The command with an option for each setting. */
  CommandLine line() {
    CommandSpec own = CommandSpec.forAnnotatedObject(this);
    own.usageMessage()
        .header("Train " + task.name() + ": " + task.summary() + ".")
        .description(
            "",
            "Published: " + literal(task.published()) + ".",
            "Recipes: " + String.join(", ", task.recipes().keySet()) + ".",
            "");
    Settings usual = Settings.of(task, null);
    for (Option option : task.options()) {
      own.addOption(optionOf(option, usual.toMap().get(option.name())));
    }
    return new CommandLine(own);
  }

  private OptionSpec optionOf(Option option, Object usual) {
    boolean isFlag = option.kind() == Option.Kind.FLAG;
    OptionSpec.Builder builder =
        OptionSpec.builder(option.flag())
            .type(String.class)
            .arity(isFlag ? "0..1" : "1")
            .paramLabel(isFlag ? "true|false" : label(option))
            .description(help(option, usual))
            .setter(
                new CommandLine.Model.ISetter() {
                  @Override
                  @SuppressWarnings("unchecked")
                  public <T> T set(T value) {
                    T before = (T) given.remove(option.name());
                    if (value != null) {
                      given.put(option.name(), value.toString());
                    }
                    return before;
                  }
                });
    return (isFlag ? builder.fallbackValue("true") : builder).build();
  }

  private static String label(Option option) {
    return option.kind() == Option.Kind.CHOICE
        ? String.join("|", option.choices())
        : option.name().toUpperCase(Locale.ROOT);
  }

  /** The sentence, the default and the values of other recipes. */
  private String help(Option option, Object usual) {
    List<String> values = new ArrayList<>();
    values.add("default " + shown(usual));
    for (String name : task.recipes().keySet()) {
      Object other = Settings.of(task, name).toMap().get(option.name());
      if (!other.equals(usual)) {
        values.add(name + " " + shown(other));
      }
    }
    return literal(option.help() + " (" + String.join(", ", values) + ")");
  }

  /** Text of which nothing is a directive of a format. */
  private static String literal(String text) {
    return text.replace("%", "%%");
  }

  private static String shown(Object value) {
    return value.toString().replaceAll("[\\[\\] ]", "");
  }

  /** Options before the name of the task are those of a configuration, and would be lost. */
  private void refuseOptionsBeforeTheTask() {
    for (OptionSpec option : spec.parent().commandLine().getParseResult().matchedOptions()) {
      throw new IllegalArgumentException(
          option.longestName()
              + ": expected after "
              + task.name()
              + ", as in tacet train "
              + task.name()
              + " "
              + option.longestName()
              + ", got it before.");
    }
  }

  @Override
  public Integer call() throws IOException {
    refuseOptionsBeforeTheTask();
    if (options.seeds != null && given.containsKey("seed")) {
      throw new IllegalArgumentException("--seeds: expected without --seed, got both.");
    }
    return Seeds.run(
        options,
        task.name(),
        () -> begun(given).seed(),
        (where, seed, backend, told) -> {
          Map<String, String> one = new LinkedHashMap<>(given);
          if (seed != null) {
            one.put("seed", seed.toString());
          }
          return train(where, one, backend, told);
        });
  }

  private int train(
      RunOptions where, Map<String, String> changes, Backend backend, Consumer<Seeds.Result> told)
      throws IOException {
    Resumption from = where.resume ? Resumption.in(where.out(task.name()), task.name()) : null;
    Settings settings = from == null ? begun(changes) : resumed(from, changes);
    if (changes.containsKey("dt") && !settings.text("simulator").equals("grid")) {
      throw new IllegalArgumentException("--dt: expected with --simulator grid only.");
    }
    return new TrainRun(settings, where, changes.containsKey("precision"), from).run(backend, told);
  }

  private Settings begun(Map<String, String> changes) {
    String chosen = recipe;
    for (String name : task.recipes().keySet()) {
      // As in --rows, which means the recipe of that name.
      if (recipe == null && "true".equals(changes.get(name))) {
        chosen = name;
      }
    }
    return Settings.of(task, chosen).with(changes);
  }

  private Settings resumed(Resumption from, Map<String, String> changes) throws IOException {
    Settings saved = from.saved();
    Settings asked = saved.with(changes);
    Map<String, Object> all = new LinkedHashMap<>(asked.toMap());
    if (recipe != null) {
      all.put("recipe", recipe);
    }
    from.check(saved.toMap(), all);
    return asked;
  }
}
