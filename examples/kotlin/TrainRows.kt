import io.tacet.Backends
import io.tacet.data.Mnist
import io.tacet.network.Egru
import io.tacet.network.Network
import io.tacet.optim.Adam
import io.tacet.optim.Schedule
import io.tacet.training.Training
import java.nio.file.Path

/** MNIST row by row from Kotlin; arguments: FOLDER_OF_MNIST [EPOCHS]. */
fun main(args: Array<String>) {
    val mnist = Mnist.`in`(Path.of(args[0]))
    Backends.best().use { backend ->
        Network.on(backend)
            .sequence(Mnist.SIDE)
            .egru(128, Egru.defaults().thresholds(0.1))
            .readout(Mnist.CLASSES)
            .build(0)
            .use { network ->
                val history = Training.of(network)
                    .optimizer(Adam.rate(5e-3).schedule(Schedule.cosine(0.02)))
                    .clipNorm(1.0)
                    .epochs(args.getOrNull(1)?.toInt() ?: 15)
                    .batch(50)
                    .run(mnist.trainRows(), mnist.testRows())
                network.save(Path.of("rows.tacet"))
                println("Test accuracy ${100 * history.testAccuracy()} %")
            }
    }
}
