"""What `make verify-repeat` says of two runs and of the lock in git, and its exit code."""

import pytest
import yaml

from checks import repeat


def lock(**hashes: str) -> str:
    outs = [{"path": path, "md5": md5} for path, md5 in hashes.items()]
    return yaml.safe_dump({"schema": "2.0", "stages": {"train": {"outs": outs}}})


ONE = lock(model="1111", history="2222")
OTHER = lock(model="3333", history="2222")


@pytest.mark.parametrize(
    ("second", "committed", "same_processor", "code", "told"),
    [
        (ONE, ONE, True, 0, "git has the same"),
        (OTHER, ONE, True, 1, "runs differ: ['model']"),
        (ONE, OTHER, True, 1, "git's: ['model']"),
        (ONE, OTHER, False, 0, "another processor: ['model']"),
        (OTHER, OTHER, False, 1, "runs differ: ['model']"),
    ],
)
def test_only_equal_locks_pass(
    second, committed, same_processor, code, told, tmp_path, monkeypatch, capsys
):
    (tmp_path / "dvc.lock").write_text(committed, encoding="utf-8")
    runs = iter([ONE, second])
    monkeypatch.setattr(repeat, "ROOT", tmp_path)
    monkeypatch.setattr(repeat, "reproduce", lambda *_: next(runs))
    monkeypatch.setattr(repeat.processor, "recorded_here", lambda _: same_processor)
    with pytest.raises(SystemExit) as ended:
        repeat.main()
    shown = capsys.readouterr().out
    assert int(ended.value.code) == code
    assert told in shown
    assert f"{'1111':<36} model" in shown


def test_an_output_that_only_one_run_has_is_a_difference():
    assert repeat.differences(ONE, lock(model="1111")) == ["history"]
