package io.tacet.nd4j;

import io.tacet.memory.Loan;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bytedeco.javacpp.Pointer;

/** Memory of an array at its address; gives it back when it is closed or collected. */
final class LentPointer extends Pointer {
  LentPointer(Loan loan) {
    address = loan.address();
    AtomicBoolean returned = new AtomicBoolean();
    // Before there is a capacity, which JavaCPP would count as memory of its own; and it calls
    // twice.
    deallocator(
        () -> {
          if (returned.compareAndSet(false, true)) {
            loan.close();
          }
        });
    capacity = loan.bytes();
    limit = capacity;
  }
}
