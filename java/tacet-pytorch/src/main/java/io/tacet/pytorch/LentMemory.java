package io.tacet.pytorch;

import io.tacet.memory.DeviceArray;
import io.tacet.memory.Loan;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.PointerConsumer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Memory of arrays that tensors of libtorch lie over. There is one callback for all, since JavaCPP
 * makes room for a few only; libtorch calls it with the address when the last tensor is released.
 */
final class LentMemory {
  private static final Map<Long, Deque<Loan>> LOANS = new HashMap<>();
  private static final PointerConsumer RETURN = new Return();

  static {
    // Else the PointerScope of a caller that happens to be open now would take it along.
    RETURN.retainReference();
  }

  private LentMemory() {}

  /** A tensor over the memory of an array. */
  static Tensor tensor(DeviceArray array, TensorOptions options) {
    Loan loan = array.lend();
    long address = loan.address();
    synchronized (LOANS) {
      LOANS.computeIfAbsent(address, a -> new ArrayDeque<>()).push(loan);
    }
    try {
      return torch.from_blob(new Place(address), array.shape(), RETURN, options);
    } catch (RuntimeException | Error e) {
      giveBack(address);
      throw e;
    }
  }

  /** Number of tensors that have not been released. */
  static int count() {
    synchronized (LOANS) {
      return LOANS.values().stream().mapToInt(Deque::size).sum();
    }
  }

  private static void giveBack(long address) {
    Loan loan;
    synchronized (LOANS) {
      Deque<Loan> ofAddress = LOANS.get(address);
      loan = ofAddress.pop();
      if (ofAddress.isEmpty()) {
        LOANS.remove(address);
      }
    }
    loan.close();
  }

  private static final class Return extends PointerConsumer {
    @Override
    public void call(Pointer memory) {
      giveBack(memory.address());
    }
  }

  /** An address as a pointer of JavaCPP that owns nothing. */
  private static final class Place extends Pointer {
    Place(long address) {
      this.address = address;
    }
  }
}
