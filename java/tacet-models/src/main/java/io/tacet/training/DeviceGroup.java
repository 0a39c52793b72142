package io.tacet.training;

import io.tacet.Backend;
import io.tacet.memory.Resources;
import io.tacet.network.Network;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Copies of a network on devices of their own, each driven by a thread. */
final class DeviceGroup {
  private final Network network;
  private final List<Backend> others;

  /** What a member does. */
  interface Member {
    History run(Network copy, Communicator group) throws IOException;
  }

  /**
   * A group.
   *
   * @param network of the first member, whose thread is the caller's
   * @param others backends of the other members
   */
  DeviceGroup(Network network, List<Backend> others) {
    this.network = network;
    this.others = others;
    for (Backend other : others) {
      if (!other.name().equals(network.backend().name())) {
        throw new IllegalArgumentException(
            "devices: expected backends of the kind of the network's, "
                + network.backend().name()
                + ", got "
                + other.name()
                + ".");
      }
    }
    List<Backend> all = new ArrayList<>(others);
    all.add(network.backend());
    if (all.stream().distinct().count() < all.size()) {
      throw new IllegalArgumentException(
          "devices: expected each backend once, and not that of the network again, got one twice.");
    }
  }

  /**
   * Runs all members to their end; returns what the first gave.
   *
   * @throws IOException the error of the first that failed by itself, as are runtime exceptions
   */
  History run(Member member) throws IOException {
    List<Communicator> group = ThreadCommunicator.group(1 + others.size());
    try (Resources copies = new Resources()) {
      List<FutureTask<History>> tasks = new ArrayList<>();
      tasks.add(task(member, network, group.get(0)));
      for (int k = 0; k < others.size(); k++) {
        Network copy = copies.own(network.copyTo(others.get(k)));
        tasks.add(task(member, copy, group.get(k + 1)));
      }
      List<Thread> threads = new ArrayList<>();
      for (FutureTask<History> task : tasks.subList(1, tasks.size())) {
        Thread thread = new Thread(task, "tacet-device-" + (threads.size() + 1));
        thread.start();
        threads.add(thread);
      }
      tasks.get(0).run();
      threads.forEach(DeviceGroup::join);
      return results(tasks);
    }
  }

  private static FutureTask<History> task(Member member, Network copy, Communicator group) {
    return new FutureTask<>(() -> member.run(copy, group));
  }

  /** A member ends soon after any other has; its copy of the network must not be closed before. */
  private static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static History results(List<FutureTask<History>> tasks) throws IOException {
    MemberFailedException follower = null;
    List<History> histories = new ArrayList<>();
    for (FutureTask<History> task : tasks) {
      try {
        histories.add(task.get());
      } catch (ExecutionException e) {
        if (e.getCause() instanceof MemberFailedException followed) {
          follower = followed;
        } else if (e.getCause() instanceof IOException failed) {
          throw failed;
        } else if (e.getCause() instanceof Error failed) {
          throw failed;
        } else {
          throw (RuntimeException) e.getCause();
        }
      } catch (InterruptedException e) {
        // Not while a task is done, and all are.
        throw new IllegalStateException(e);
      }
    }
    if (follower != null) {
      throw follower;
    }
    return histories.get(0);
  }
}
