import io.tacet.Backends
import io.tacet.data.YinYang
import io.tacet.network.{Lif, Network, Weights}
import io.tacet.optim.Adam
import io.tacet.training.{TimeToFirstSpike, Training}
import java.nio.file.Path
import scala.util.Using

/** The Yin-Yang network from Scala 3: the same calls, `Using` for resources. */
@main def trainYinYang(epochs: Int): Unit =
  val lif = Lif.tau(20, 5)
  Using.resource(Backends.best()) { backend =>
    val builder = Network.on(backend)
      .spikes(YinYang.SOURCES)
      .lif(200, lif, Weights.normal(1.5, 0.78))
      .lif(YinYang.CLASSES, lif, Weights.normal(0.93, 0.1))
    Using.resource(builder.build(0)) { network =>
      val history = Training.of(network)
        .loss(TimeToFirstSpike.of(0.5, 6.4, 3e-3).skipSilentLabels())
        .optimizer(Adam.rate(5e-3).decay(0.95))
        .epochs(epochs)
        .run(YinYang.train(), YinYang.test())
      network.save(Path.of("yin-yang.tacet"))
      println(s"Test accuracy ${100 * history.testAccuracy()} %")
    }
  }
