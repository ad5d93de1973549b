"""The processor that a model was trained on, since its kind may decide the last bits of a sum."""

from pathlib import Path

RECORD = Path("models/processor.txt")
"""In git beside the lock, and no output: it says where the hashes in `dvc.lock` come from."""

_TELLING = ("vendor_id", "cpu family", "model", "model name", "cache size")
# Instruction sets that numeric libraries choose between.
_SETS = ("sse4_2", "avx", "avx2", "fma", "avx512", "avx_vnni", "amx")
_BFLOAT16 = {"avx512_bf16", "amx_bf16"}


def describe(cpuinfo: str) -> str:
    """The kind of processor, one property a line, from the text of Linux's `/proc/cpuinfo`."""
    lines = (line.partition(":") for line in cpuinfo.split("\n\n", maxsplit=1)[0].splitlines())
    properties = {key.strip(): value.strip() for key, _, value in lines}
    flags = sorted(flag for flag in properties.get("flags", "").split() if flag.startswith(_SETS))
    told = [f"{key}: {properties.get(key, 'unknown')}\n" for key in _TELLING]
    return "".join([*told, f"instruction sets: {' '.join(flags)}\n"])


def record() -> None:
    """Write the kind of this processor to `RECORD`."""
    RECORD.write_text(_here(), encoding="utf-8")


def recorded_here(root: Path) -> bool:
    """Whether `RECORD` below `root` names this kind of processor."""
    path = root / RECORD
    return path.exists() and path.read_text(encoding="utf-8") == _here()


def computes_bfloat16() -> bool:
    """Whether this processor has instructions for bfloat16, without which it is very slow."""
    return bool(_BFLOAT16 & set(_here().split()))


def _here() -> str:
    return describe(Path("/proc/cpuinfo").read_text(encoding="utf-8"))
