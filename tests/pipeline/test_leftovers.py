"""What an earlier run left of a data set that is no longer named."""

from expressions.pipeline.leftovers import remove_leftovers


def test_what_an_earlier_run_left_of_another_data_set_goes(tmp_path):
    others = ["raw/iefdb/a.jpg", "clean/iefdb.csv", "clean/iefdb.rejected.csv"]
    kept = ["clean/.gitignore", "clean/fer2013.csv", "raw/fer2013/b.csv"]
    for name in others + kept:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    remove_leftovers(tmp_path, ["fer2013"])
    left = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file())
    assert left == kept
