package io.tacet.spark;

import io.tacet.Backend;
import io.tacet.Backends;
import java.util.Map;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/**
 * The backend of a task: the GPU that Spark has given to it, or as many threads as it has cores.
 */
final class TaskBackend {
  /** The GPU of the task, else java. */
  static final String AUTO = "auto";

  private static final String GPU = "gpu";
  private static final String JAVA = "java";
  private static final String CUDA = "cuda";

  private TaskBackend() {}

  /** Opens it; the caller closes it. */
  static Backend open(String chosen, TaskContext task) {
    String name = name(chosen, task.resourcesJMap());
    return name.contains(":") ? Backends.open(name) : Backends.open(name, Math.max(1, task.cpus()));
  }

  /**
   * Name of the backend of a task.
   *
   * @param chosen by the user
   * @param resources that Spark has given to the task, by {@code spark.task.resource.gpu.amount}
   * @throws IllegalArgumentException if the address of a GPU is no ordinal, or there are several
   */
  static String name(String chosen, Map<String, ResourceInformation> resources) {
    ResourceInformation gpu = resources.get(GPU);
    if (gpu == null || !(chosen.equals(AUTO) || chosen.equals(CUDA))) {
      return chosen.equals(AUTO) ? JAVA : chosen;
    }
    String[] addresses = gpu.addresses();
    if (addresses.length != 1) {
      throw new IllegalArgumentException(
          "spark.task.resource.gpu.amount: expected 1 GPU for a task, got "
              + addresses.length
              + ". Use more workers instead.");
    }
    if (!addresses[0].matches("[0-9]{1,4}")) {
      throw new IllegalArgumentException(
          "gpu: expected the CUDA ordinal of a GPU as its address, got '"
              + addresses[0]
              + "'. Let the discovery script print ordinals, as that of Spark's examples does.");
    }
    return CUDA + ":" + Integer.parseInt(addresses[0]);
  }
}
