import io.tacet.Backends
import io.tacet.data.YinYang
import io.tacet.network.Lif
import io.tacet.network.Network
import io.tacet.network.Weights
import io.tacet.optim.Adam
import io.tacet.training.TimeToFirstSpike
import io.tacet.training.Training
import java.nio.file.Path

/** The Yin-Yang network from Kotlin: the same calls, `use` for resources. */
fun main(args: Array<String>) {
    val lif = Lif.tau(20.0, 5.0)
    Backends.best().use { backend ->
        Network.on(backend)
            .spikes(YinYang.SOURCES)
            .lif(200, lif, Weights.normal(1.5, 0.78))
            .lif(YinYang.CLASSES, lif, Weights.normal(0.93, 0.1))
            .build(0)
            .use { network ->
                val history = Training.of(network)
                    .loss(TimeToFirstSpike.of(0.5, 6.4, 3e-3).skipSilentLabels())
                    .optimizer(Adam.rate(5e-3).decay(0.95))
                    .epochs(args.firstOrNull()?.toInt() ?: 100)
                    .run(YinYang.train(), YinYang.test())
                network.save(Path.of("yin-yang.tacet"))
                println("Test accuracy ${100 * history.testAccuracy()} %")
            }
    }
}
