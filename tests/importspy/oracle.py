"""Prints what ImportSpy 0.5 decides on each directory that is given: one line of JSON for each.

Run with the Python of a virtual environment that holds ImportSpy and the packages of `environment.py`.
"""

import json
import sys
from pathlib import Path

from importspy.domain import AdmissionRequest
from importspy.engine import AdmissionEngine
from importspy.policy import ContractError

for directory in map(Path, sys.argv[1:]):
    contract = directory / "plugin.importspy.yml"
    request = AdmissionRequest(subject=directory / "plugin.py", contract=contract, project_root=directory)
    try:
        decision = AdmissionEngine().check(request)
        found = {
            "decision": decision.decision,
            "codes": sorted({violation.code.removeprefix("ISPY-") for violation in decision.violations}),
        }
    except ContractError:
        found = {"decision": "ERROR", "codes": ["C101"]}
    print(json.dumps({"case": directory.name, **found}))
