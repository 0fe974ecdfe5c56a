"""Prints as JSON what pyarrow finds in each Parquet file named on the command line."""

import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq


def main():
    json.dump([describe(path) for path in sys.argv[1:]], sys.stdout)


def describe(path):
    file = pq.ParquetFile(path)
    table = file.read()
    table.validate(full=True)
    return {
        "rows": table.num_rows,
        "row_groups": file.metadata.num_row_groups,
        "metadata": text(file.schema_arrow.metadata),
        "keys": sorted(key.decode() for key in file.metadata.metadata),
        "fields": [describe_field(field, table) for field in file.schema_arrow],
        "cells": {field.name: cells(table, field) for field in table.schema},
    }


def describe_field(field, table):
    return {
        "name": field.name,
        "type": str(field.type),
        "nullable": field.nullable,
        "metadata": text(field.metadata),
        "null_count": table.column(field.name).null_count,
    }


def cells(table, field):
    column = table.column(field.name)
    if pa.types.is_timestamp(field.type):
        column = column.cast(pa.int64())
    whole = pa.types.is_int64(column.type)
    return [str(cell) if whole and cell is not None else cell for cell in column.to_pylist()]


def text(metadata):
    return {key.decode(): value.decode() for key, value in (metadata or {}).items()}


main()
