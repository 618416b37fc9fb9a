"""Opens exported files with pm4py and prints what it found, as JSON. Runs in an environment of its own (make mining):
pm4py is under the AGPL and no part of the product."""

import json
import sys

import pandas
import pm4py

xes, ocel, csv = sys.argv[1:]
log = pm4py.read_xes(xes)
objects = pm4py.read_ocel2_json(ocel)
table = pandas.read_csv(csv)
done = log[log["lifecycle:transition"] == "complete"]
flows, starts, ends = pm4py.discover_dfg(done)
found = {
    "pm4py": pm4py.__version__,
    "xes": {
        "events": len(log),
        "cases": log["case:concept:name"].nunique(),
        "variants": len(pm4py.get_variants(done)),
        "flows": len(flows),
        "starts": sorted(starts),
    },
    "ocel": {
        "events": len(objects.events),
        "objects": objects.objects["ocel:type"].value_counts().to_dict(),
        "relations": len(objects.relations),
        "between_objects": len(objects.o2o),
    },
    "csv": {"events": len(table), "cases": table["case"].nunique()},
}
print("FOUND " + json.dumps(found, ensure_ascii=False))
