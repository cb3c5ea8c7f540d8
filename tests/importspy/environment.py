"""Adds distributions to the virtual environment whose Python runs this: one for each place that a distribution can come from."""

import json
import sysconfig
from pathlib import Path

SITE = Path(sysconfig.get_path("purelib"))
ORIGINS = {
    "tool-index": None,
    "tool-vcs": {
        "url": "https://user:secret@github.com/acme/tool.git",
        "vcs_info": {"vcs": "git", "commit_id": "abc123"},
    },
    "tool-editable": {"url": "file:///src/tool", "dir_info": {"editable": True}},
    "tool-archive": {"url": "https://files.example/tool.tar.gz?token=x", "archive_info": {}},
}

for name, origin in ORIGINS.items():
    module = name.replace("-", "_")
    (SITE / f"{module}.py").write_text("x = 1\n")
    metadata = SITE / f"{module}-1.4.2.dist-info"
    metadata.mkdir(exist_ok=True)
    files = {"METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.4.2\n", "INSTALLER": "pip\n"}
    if origin:
        files["direct_url.json"] = json.dumps(origin)
    for file, text in files.items():
        (metadata / file).write_text(text)
    record = [f"{module}.py,,"] + [f"{metadata.name}/{file},," for file in [*files, "RECORD"]]
    (metadata / "RECORD").write_text("\n".join(record) + "\n")
