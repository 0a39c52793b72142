import io.tacet.Backends
import io.tacet.data.Mnist
import io.tacet.network.{Egru, Network}
import io.tacet.optim.{Adam, Schedule}
import io.tacet.training.Training
import java.nio.file.Path
import scala.util.Using

/** MNIST row by row from Scala 3; arguments: FOLDER_OF_MNIST EPOCHS. */
@main def trainRows(folder: String, epochs: Int): Unit =
  val mnist = Mnist.in(Path.of(folder))
  Using.resource(Backends.best()) { backend =>
    val builder = Network.on(backend)
      .sequence(Mnist.SIDE)
      .egru(128, Egru.defaults().thresholds(0.1))
      .readout(Mnist.CLASSES)
    Using.resource(builder.build(0)) { network =>
      val history = Training.of(network)
        .optimizer(Adam.rate(5e-3).schedule(Schedule.cosine(0.02)))
        .clipNorm(1)
        .epochs(epochs)
        .batch(50)
        .run(mnist.trainRows(), mnist.testRows())
      network.save(Path.of("rows.tacet"))
      println(s"Test accuracy ${100 * history.testAccuracy()} %")
    }
  }
