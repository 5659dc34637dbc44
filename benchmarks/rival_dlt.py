"""Loads maps with dlt, merged as slowly changing dimensions; run in dlt's own venv.

`python rival_dlt.py sqlite|duckdb FOLDER WORK` loads two fields of each map, one
map after the other, and prints how many periods there are in the end.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FIELDS = ("input_cost_per_token", "output_cost_per_token")


def main(kind: str, folder: Path, work: Path) -> None:
    """Load every map of the folder."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    import dlt  # type: ignore[import-not-found]  # only there in its own venv

    if kind == "sqlite":
        place: Any = dlt.destinations.sqlalchemy(f"sqlite:///{work / 'dlt.db'}")
    else:
        place = dlt.destinations.duckdb(str(work / "dlt.duckdb"))
    pipeline = dlt.pipeline(
        pipeline_name=f"rival_{kind}",
        destination=place,
        dataset_name="prices",
        pipelines_dir=str(work / "pipelines"),
    )
    columns: Any = {field: {"data_type": "double"} for field in FIELDS}
    for path in sorted(folder.iterdir()):
        resource = dlt.resource(
            rows_of(path),
            name="rates",
            primary_key="key",
            columns=columns,
            write_disposition={"disposition": "merge", "strategy": "scd2"},
        )
        pipeline.run(resource)
    with pipeline.sql_client() as client:
        print(client.execute_sql("SELECT COUNT(*) FROM rates"))


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """The key and the two fields of each entry that has one of them."""
    for key, entry in json.loads(path.read_bytes()).items():
        if key != "sample_spec" and any(field in entry for field in FIELDS):
            yield {"key": key, **{field: entry.get(field) for field in FIELDS}}


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
