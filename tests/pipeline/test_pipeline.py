"""The pipeline as its users run it: real `dvc` over a small embedded data set."""

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from helpers import ROOT, Repository, code_blocks

from expressions.labels.emotions import SPELLINGS
from expressions.pictures.shards import read_shard, shard_paths
from expressions.pipeline.leftovers import remove_leftovers

pytestmark = pytest.mark.pipeline

AFTER_TRAINING = ("evaluate", "export", "audit", "report")


@pytest.fixture
def repository(finished: Repository):
    yield finished
    if finished.run("git", "status", "--porcelain").stdout:
        finished.put_back()


def test_a_second_run_runs_nothing(repository):
    assert repository.repro() == set()


def test_another_split_renders_nothing_and_trains_again(repository):
    repository.edit("params.yaml", "iefdb_split: iefdb #", "iefdb_split: validation #")
    assert repository.repro("arrays") == {"join", "arrays"}
    assert "train" in json.loads(repository.run("dvc", "status", "--json").stdout)


def test_a_comment_in_the_networks_does_not_run_the_data_stages(repository):
    path = repository.folder / "expressions/network/architectures.py"
    path.write_text(path.read_text(encoding="utf-8") + "# a comment\n", encoding="utf-8")
    # The model comes out the same, so evaluation has nothing to do.
    assert repository.repro() == {"code", "train"}


def test_a_model_taken_as_it_is_comes_out_with_the_same_bytes(repository):
    mine = repository.folder / "models/mine"
    mine.mkdir()
    shutil.copyfile(repository.folder / "models/model.keras", mine / "model.keras")
    (mine / "model.json").write_text('{"trained_on": "my pictures"}', encoding="utf-8")
    repository.edit("params.yaml", "epochs: 2", "epochs: 0")
    refused = repository.run("dvc", "repro", "train", check=False)
    assert refused.returncode != 0
    assert "train.start_from names no model" in refused.stderr
    assert "Traceback" not in refused.stderr
    repository.edit("params.yaml", "start_from: none", "start_from: mine")
    # What was expected of faces stands beside the model, so evaluation reads where it came from.
    assert repository.repro() == {"train", "evaluate", "export", "report"}
    described = json.loads((repository.folder / "models/export/model.json").read_text("utf-8"))
    assert described["trained_on"] == "my pictures"
    report = (repository.folder / "models/history/report.html").read_text(encoding="utf-8")
    assert "Nothing was trained" in report
    shutil.rmtree(mine)


def test_rows_in_are_rows_kept_and_rejected(repository):
    counts = json.loads((repository.folder / "metrics/data.json").read_text(encoding="utf-8"))
    assert counts["fer2013"]["rows"] == 160 + 36 + 36
    assert counts["iefdb"]["rows"] == 8
    for dataset in counts.values():
        splits = [part for part in dataset.values() if isinstance(part, dict) and "kept" in part]
        assert all(p["rows"] == p["kept"] + sum(p["rejected"].values()) for p in splits)
        labelled = sum(part["rows"] for part in splits)
        assert dataset["rows"] == labelled + sum(dataset["rejected_by_label"].values())
    assert counts["fer2013"]["rejected_by_label"]["not_a_face"] == 7
    assert counts["fer2013"]["training"]["rejected"]["twin"] > 0
    assert counts["iefdb"]["iefdb"]["rejected"]["no_face"] == 1, "the empty studio"
    assert counts["iefdb"]["faces"] == {
        "unchanged": 0, "found": 7, "several": 0, "none": 1, "rejected": 0
    }  # fmt: skip
    assert counts["fer2013"]["faces"]["unchanged"] == counts["fer2013"]["rows"]


def test_a_photograph_without_a_face_is_dropped_or_kept_whole_and_counted(repository):
    faces = pd.read_csv(repository.folder / "data/faces/iefdb.csv")
    assert faces.set_index("image_id")["action"]["iefdb-008"] == "no_face"
    repository.edit("params.yaml", "no_face: drop", "no_face: keep")
    repository.repro("arrays")
    faces = pd.read_csv(repository.folder / "data/faces/iefdb.csv")
    assert faces.set_index("image_id")["action"]["iefdb-008"] == "kept_whole"
    assert len(pd.read_csv(repository.folder / "data/arrays/iefdb.csv")) == 8


def test_no_array_row_of_training_equals_one_of_another_split(repository):
    folder = repository.folder / "data/arrays"
    pixels = {path.stem: np.load(path) for path in folder.glob("*.npy")}
    assert set(pixels) == {"training", "validation", "test", "iefdb"}
    elsewhere = {r.tobytes() for name, rows in pixels.items() if name != "training" for r in rows}
    assert elsewhere.isdisjoint(row.tobytes() for row in pixels["training"])
    for name, rows in pixels.items():
        table = pd.read_csv(folder / f"{name}.csv")
        assert rows.dtype == np.float32
        assert rows.shape == (len(table), 48, 48, 1)
        assert -1 <= rows.min() < rows.max() <= 1


def test_metrics_can_be_recomputed_from_the_predictions(repository):
    predictions = pd.read_csv(repository.folder / "data/predictions.csv")
    metrics = json.loads((repository.folder / "metrics/evaluation.json").read_text("utf-8"))
    emotions = predictions.columns[4:]
    for split, rows in predictions.groupby("split"):
        for protocol, kept in (("most_votes", rows), ("majority", rows[rows["majority"]])):
            predicted = emotions[kept[emotions].to_numpy().argmax(axis=1)]
            figures = metrics[split][protocol]
            assert figures["n"] == len(kept)
            accuracy = (predicted == kept["label"]).mean()
            assert figures["accuracy"] == pytest.approx(accuracy, abs=1e-6)


def test_what_training_leaves_is_there_and_readable(repository):
    history = pd.read_csv(repository.folder / "models/history/history.csv")
    assert history["epoch"].tolist() == [1, 2]
    for picture in ("curves.png", "architecture.png"):
        start = (repository.folder / "models/history" / picture).read_bytes()[:8]
        assert start == b"\x89PNG\r\n\x1a\n"
    assert list((repository.folder / "models/checkpoints").iterdir()) == []


def test_the_report_is_one_file_that_says_what_happened(repository):
    """Its content against the tables it was made from; that it looks well is for the eye."""
    page = (repository.folder / "models/history/report.html").read_text("utf-8")
    metrics = json.loads((repository.folder / "metrics/evaluation.json").read_text("utf-8"))
    assert f"{100 * metrics['test']['majority']['accuracy']:.1f} %" in page
    sources = re.findall(r'(?:src|href)="([^"]{0,40})', page)
    assert len(sources) > 20
    assert all(source.startswith(("data:image/png;base64,", "#")) for source in sources)
    assert "@import" not in page
    assert "url(" not in page
    model = (repository.folder / "models/model.keras").read_bytes()
    assert hashlib.sha256(model).hexdigest() in page
    raw = (repository.folder / "data/raw/fer2013/icml_face_data.csv").read_bytes()
    assert hashlib.sha256(raw).hexdigest() in page
    for told in ("twin", "no face: iefdb-008", "train.learning_rate", "0.002", "crossentropy"):
        assert told in page
    for split, protocols in metrics.items():
        assert f'<section id="{split}">' in page
        assert f"{protocols['majority']['n']} pictures" in page


def test_predict_and_the_stages_give_nearly_the_same_probabilities(repository, tmp_path):
    """The photographs themselves, against what detection, alignment and evaluation made of them."""
    in_float = shutil.ignore_patterns("model.int8.*")
    model = shutil.copytree(
        repository.folder / "models/export", tmp_path / "model", ignore=in_float
    )
    raw = repository.folder / "data/raw/iefdb/Original"
    done = repository.run(
        "expressions", "predict", "--json", "--prior", "training", "--model", str(model), str(raw),
    )  # fmt: skip
    said = {f"iefdb-{Path(line['source']).stem}": line["faces"]
            for line in map(json.loads, done.stdout.splitlines())}  # fmt: skip
    predictions = pd.read_csv(repository.folder / "data/predictions.csv").set_index("image_id")
    expected = predictions[predictions["split"] == "iefdb"].iloc[:, 3:]
    assert len(expected) == 7
    for image_id, row in expected.iterrows():
        probabilities = said[image_id][0]["probabilities"]
        assert list(probabilities) == list(row.index)
        # Small faces are looked for, too, and so in other sizes: boxes differ by up to a twentieth.
        np.testing.assert_allclose(list(probabilities.values()), row, atol=0.03)
        assert max(probabilities, key=probabilities.get) == row.astype(float).idxmax()
    assert [image_id for image_id, faces in said.items() if not faces] == ["iefdb-008"]


def test_experiments_and_comparisons_work(repository):
    """Another margin for one data set leaves the other one and the training alone."""
    other = ("--set-param", "crop.iefdb.margin=0.1", "--name", "wider")
    assert repository.repro_experiment(*other) == {"crop@iefdb", "arrays", *AFTER_TRAINING}
    changed = json.loads(repository.run("dvc", "params", "diff", "--json").stdout)
    margin = changed["params.yaml"]["crop.iefdb.margin"]
    assert margin == {"old": -0.03, "new": 0.1, "diff": 0.13}
    shown = json.loads(repository.run("dvc", "metrics", "show", "--json").stdout)
    assert "metrics/evaluation.json" in json.dumps(shown)
    moved = json.loads(repository.run("dvc", "metrics", "diff", "--json").stdout)
    assert any("iefdb.majority" in key for key in moved["metrics/evaluation.json"])
    assert "wider" in repository.run("dvc", "exp", "show", "--csv", "--no-pager").stdout
    repository.run("dvc", "plots", "show", "--out", "plots")
    page = (repository.folder / "plots/index.html").read_text(encoding="utf-8")
    assert "Confusion" in page
    assert "iefdb.preview.png" in page
    assert "reliability" in page
    shutil.rmtree(repository.folder / "plots")


def test_missing_source_files_end_with_one_message(repository):
    repository.edit("params.yaml", "source: demo", "source: files")
    for dataset in ("fer2013", "iefdb"):
        (repository.folder / "data/source/files" / dataset).mkdir(parents=True)
    done = repository.run("dvc", "repro", "ingest@fer2013", check=False)
    assert done.returncode != 0
    assert (
        "icml_face_data.csv or fer2013.csv is missing in data/source/files/fer2013" in done.stderr
    )
    assert "Traceback" not in done.stderr
    assert (repository.folder / "data/raw/fer2013/icml_face_data.csv").exists() is False


def test_tables_of_different_row_orders_stop_before_anything_is_joined(repository, tmp_path):
    raw = repository.folder / "data/raw/fer2013"
    shutil.copyfile(raw / "icml_face_data.csv", tmp_path / "icml_face_data.csv")
    header, *rows = (raw / "fer2013new.csv").read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "fer2013new.csv").write_text("".join([header, *rows[::-1]]), "utf-8")
    repository.run("expressions", "use", str(tmp_path))
    done = repository.run("dvc", "repro", "join", check=False)
    assert done.returncode != 0
    assert "differ in row 2: Usage is 'PrivateTest' and 'Training'" in done.stderr
    assert "Traceback" not in done.stderr
    shutil.rmtree(repository.folder / "data/source/files")


def test_the_users_own_files_give_what_the_same_embedded_ones_give(repository, tmp_path):
    """Raw files taken from the embedded data set, packed, come back through `source: files`."""
    raw = repository.folder / "data/raw"
    before = yaml.safe_load((repository.folder / "dvc.lock").read_text("utf-8"))["stages"]
    for path in (raw / "fer2013").iterdir():
        shutil.copyfile(path, tmp_path / path.name)
    shutil.copyfile(raw / "iefdb/ImageDescriptionWEmotions.csv",
                    tmp_path / "ImageDescriptionWEmotions.csv")  # fmt: skip
    shutil.make_archive(str(tmp_path / "Original"), "zip", raw / "iefdb", "Original")
    repository.run("expressions", "use", str(tmp_path))
    # Export and report say where the data comes from; the others go by what it is.
    assert repository.repro("evaluate") == {"ingest@fer2013", "ingest@iefdb"}
    left = json.loads(repository.run("dvc", "status", "--json").stdout)
    assert set(left) == {"export", "report"}
    after = yaml.safe_load((repository.folder / "dvc.lock").read_text("utf-8"))["stages"]
    assert after["ingest@iefdb"]["outs"] == before["ingest@iefdb"]["outs"]
    shutil.rmtree(repository.folder / "data/source/files")


def test_a_data_set_that_is_no_longer_named_leaves_nothing(repository):
    repository.edit("params.yaml", "datasets: [fer2013, iefdb]", "datasets: [fer2013]")
    ran = repository.repro("evaluate")
    assert ran == {"join", "arrays", "evaluate"}
    assert not (repository.folder / "data/arrays/iefdb.npy").exists()
    assert not (repository.folder / "data/faces/iefdb.csv").exists()
    metrics = json.loads((repository.folder / "metrics/evaluation.json").read_text("utf-8"))
    assert set(metrics) == {"validation", "test"}


def parameters_of_other_people(repository: Repository) -> dict[str, Any]:
    """`params.yaml` with what docs/datasets.md says of RAF-DB and JAFFE."""
    parameters = yaml.safe_load(repository.read("params.yaml"))
    for block in map(yaml.safe_load, code_blocks(ROOT / "docs/datasets.md", "yaml")):
        if block["ingest"].keys() & {"rafdb", "jaffe"}:
            for section, its in block.items():
                parameters[section] |= its
    parameters["datasets"] += ["rafdb", "jaffe"]
    return parameters


def put_other_peoples_data(repository: Repository, clean: dict[str, Any]) -> None:
    """Embedded faces in the form of RAF-DB, and embedded photographs in that of JAFFE."""
    data, source = repository.folder / "data", repository.folder / "data/source/demo"
    rows = pd.read_csv(data / "clean/fer2013.csv").head(50).set_index("image_id")["label"]
    code = {emotion: number for number, emotion in clean["rafdb"]["labels"].items()}
    (source / "rafdb/aligned").mkdir(parents=True)
    listed = []
    for shard in shard_paths(data / "images/fer2013"):
        for image_id, png in read_shard(shard):
            if image_id in rows.index:
                name = f"{'test' if len(listed) % 5 == 0 else 'train'}_{len(listed):05d}"
                listed.append(f"{name}.jpg {code[rows[image_id]]}")
                (source / "rafdb/aligned" / f"{name}_aligned.png").write_bytes(png)
    (source / "rafdb/list_patition_label.txt").write_text("\n".join(listed), encoding="utf-8")
    table = pd.read_csv(data / "raw/iefdb/ImageDescriptionWEmotions.csv", dtype=str)
    letters = {emotion: letters for letters, emotion in clean["jaffe"]["labels"].items()}
    (source / "jaffe").mkdir()
    for number, shown in table[["PicNum", "IntendedExpression"]].to_numpy():
        [photograph] = (data / "raw/iefdb/Original").glob(f"{number}.*")
        # One person each, in the order of the numbers.
        person = f"A{chr(ord('A') + int(number))}"
        name = f"{person}.{letters[SPELLINGS[shown.lower()]]}1.{number}{photograph.suffix}"
        shutil.copyfile(photograph, source / "jaffe" / name)


def test_two_data_sets_are_trained_on_and_a_third_measured_by_parameters_alone(repository):
    parameters = parameters_of_other_people(repository)
    put_other_peoples_data(repository, parameters["clean"])
    (repository.folder / "params.yaml").write_text(yaml.safe_dump(parameters), encoding="utf-8")
    ran = repository.repro("evaluate")
    of_each = {"ingest", "clean", "render", "crop"}
    others = {f"{stage}@{name}" for stage in of_each for name in ("rafdb", "jaffe")}
    assert ran == others | {"join", "arrays", "train", "evaluate"}
    counts = json.loads((repository.folder / "metrics/data.json").read_text("utf-8"))
    assert counts["rafdb"]["rows"] == 50
    assert counts["rafdb"]["test"]["rows"] == 10
    assert counts["rafdb"]["training"]["rows"] + counts["rafdb"]["validation"]["rows"] == 40
    trained_on = pd.read_csv(repository.folder / "data/arrays/training.csv")["image_id"]
    assert set(trained_on.str.split("-").str[0]) == {"fer2013", "rafdb"}
    assert counts["jaffe"]["jaffe"]["kept"] == counts["iefdb"]["iefdb"]["kept"]
    metrics = json.loads((repository.folder / "metrics/evaluation.json").read_text("utf-8"))
    assert list(metrics) == ["validation", "test", "iefdb", "jaffe"]
    assert metrics["jaffe"] == metrics["iefdb"], "the same photographs under another layout"
    for name in ("rafdb", "jaffe"):
        shutil.rmtree(repository.folder / "data/source/demo" / name)
    remove_leftovers(repository.folder / "data", ["fer2013", "iefdb"])


def test_the_stages_files_sections_and_descriptions_have_the_same_names():
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text("utf-8"))["stages"]
    sections = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
    files = {path.stem for path in Path(ROOT / "stages").glob("*.py")} - {"__init__"}
    assert set(stages) == files
    assert set(stages) - {"code"} <= set(sections)
    assert all(len(stage["desc"]) > 40 for stage in stages.values())


def test_sections_stand_in_the_order_of_the_stages():
    stages = list(yaml.safe_load((ROOT / "dvc.yaml").read_text("utf-8"))["stages"])
    sections = list(yaml.safe_load((ROOT / "params.yaml").read_text("utf-8")))
    assert [name for name in sections if name in stages] == [s for s in stages if s != "code"]
