"""TensorFlow, imported quietly and pinned so that the same input gives the same bits.

Import `tf` and `keras` from here, never directly: threads decide the order of sums, and they can
only be set before the first operation.
"""

import os
import warnings

from expressions.pipeline.runtimes.native_output import silent_output

THREADS = 2
"""Threads of one operation, on whatever number of cores: another number gives other bits."""


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["KERAS_BACKEND"] = "tensorflow"
# No folder, so that Keras writes no settings into the user's, and none that stand there (another
# precision, another order of axes) decide a result.
os.environ["KERAS_HOME"] = os.devnull
# TensorFlow takes oneDNN by itself only where there is AVX-512 VNNI. Its own convolutions need 1.8
# times as long with AVX2.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"
warnings.filterwarnings("ignore", category=FutureWarning, module="keras")

# TensorFlow's C++ side writes its greeting before any setting of its own applies.
with silent_output(errors_only=True):
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(THREADS)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    tf.config.list_physical_devices("GPU")


def use_avx2_alone() -> None:
    """Keep oneDNN, which computes the convolutions, to AVX2 where the processor has more.

    It chooses once, so this has to come before the first operation. oneDNN has no bfloat16 then.
    """
    os.environ["ONEDNN_MAX_CPU_ISA"] = "AVX2"


__all__ = ["THREADS", "keras", "tf", "use_avx2_alone"]
