"""Puts several images, each in an OCI layout, into one place: what neither skopeo nor umoci writes.

    assemble.py old-docker-archive OUT.tar NAME:TAG=LAYOUT...   as `docker save` wrote it until version 24
    assemble.py docker-archive     OUT.tar NAME:TAG=LAYOUT...   as it writes it since 25: an OCI layout and manifest.json
    assemble.py index              OUT ARCH=LAYOUT:TAG...       a layout whose one reference is an index, as buildx does it
    assemble.py flat-index         OUT ARCH=LAYOUT:TAG...       a layout whose index.json lists the platforms itself

LAYOUT without a tag means `latest`. Standard library only.
"""

import gzip
import hashlib
import io
import json
import os
import sys
import tarfile

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
REFERENCE = "org.opencontainers.image.ref.name"


class Image:
    """One image, as it stands in a layout."""

    def __init__(self, place):
        self.layout, _, tag = place.partition(":")
        with open(os.path.join(self.layout, "index.json"), "rb") as file:
            index = json.load(file)
        self.descriptor = next(
            entry for entry in index["manifests"] if entry["annotations"][REFERENCE] == (tag or "latest")
        )
        self.manifest_bytes = self.blob(self.descriptor)
        self.manifest = json.loads(self.manifest_bytes)
        self.config_bytes = self.blob(self.manifest["config"])
        self.config = json.loads(self.config_bytes)

    def blob(self, descriptor):
        with open(os.path.join(self.layout, "blobs", *descriptor["digest"].split(":")), "rb") as file:
            return file.read()

    def layers(self):
        """Compressed bytes and what they inflate to, lowest first."""
        for descriptor in self.manifest["layers"]:
            compressed = self.blob(descriptor)
            yield compressed, gzip.decompress(compressed)


def dump(value):
    return json.dumps(value, separators=(",", ":")).encode()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Tar:
    """A tar in which each name appears once."""

    def __init__(self, path):
        self.tar, self.names = tarfile.open(path, "w", format=tarfile.USTAR_FORMAT), set()

    def directory(self, name):
        if name not in self.names:
            self.names.add(name)
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            self.tar.addfile(entry)

    def file(self, name, data):
        if name not in self.names:
            self.names.add(name)
            entry = tarfile.TarInfo(name)
            entry.mode, entry.size = 0o644, len(data)
            self.tar.addfile(entry, io.BytesIO(data))


def old_docker_archive(out, images):
    tar, manifest, repositories = Tar(out), [], {}
    for name, image in images:
        repository, _, tag = name.rpartition(":")
        parent, layers = None, []
        for _, layer in image.layers():
            # Docker derives the directory's name from the whole chain below it, and so do we.
            identity = sha256(dump([parent, sha256(layer)]))
            tar.directory(f"{identity}/")
            tar.file(f"{identity}/VERSION", b"1.0")
            description = {"id": identity, "os": image.config["os"]}
            if parent:
                description["parent"] = parent
            tar.file(f"{identity}/json", dump(description))
            tar.file(f"{identity}/layer.tar", layer)
            layers.append(f"{identity}/layer.tar")
            parent = identity
        config = sha256(image.config_bytes) + ".json"
        tar.file(config, image.config_bytes)
        manifest.append({"Config": config, "RepoTags": [name], "Layers": layers})
        repositories.setdefault(repository, {})[tag] = parent
    tar.file("manifest.json", dump(manifest))
    tar.file("repositories", dump(repositories))
    tar.tar.close()


def docker_archive(out, images):
    tar, manifest, repositories, descriptors = Tar(out), [], {}, []
    tar.directory("blobs/")
    tar.directory("blobs/sha256/")

    def blob(data, media_type):
        tar.file(f"blobs/sha256/{sha256(data)}", data)
        return {"mediaType": media_type, "digest": f"sha256:{sha256(data)}", "size": len(data)}

    for name, image in images:
        repository, _, tag = name.rpartition(":")
        layers = [blob(layer, "application/vnd.oci.image.layer.v1.tar") for _, layer in image.layers()]
        config = blob(image.config_bytes, CONFIG)
        document = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers}
        annotations = {"io.containerd.image.name": name, REFERENCE: tag}
        descriptors.append(blob(dump(document), MANIFEST) | {"annotations": annotations})
        paths = ["blobs/" + layer["digest"].replace(":", "/") for layer in layers]
        sources = {layer["digest"]: layer for layer in layers}
        manifest.append(
            {
                "Config": "blobs/" + config["digest"].replace(":", "/"),
                "RepoTags": [name],
                "Layers": paths,
                "LayerSources": sources,
            }
        )
        repositories.setdefault(repository, {})[tag] = layers[-1]["digest"].removeprefix("sha256:")
    tar.file("index.json", dump({"schemaVersion": 2, "mediaType": INDEX, "manifests": descriptors}))
    tar.file("manifest.json", dump(manifest))
    tar.file("oci-layout", dump({"imageLayoutVersion": "1.0.0"}))
    tar.file("repositories", dump(repositories))
    tar.tar.close()


class Layout:
    """An OCI layout directory being written."""

    def __init__(self, path):
        self.path = path
        os.makedirs(os.path.join(path, "blobs", "sha256"))
        self.write("oci-layout", dump({"imageLayoutVersion": "1.0.0"}))

    def write(self, name, data):
        with open(os.path.join(self.path, name), "wb") as file:
            file.write(data)

    def blob(self, data, media_type, **more):
        self.write(f"blobs/sha256/{sha256(data)}", data)
        return {"mediaType": media_type, "digest": f"sha256:{sha256(data)}", "size": len(data), **more}

    def image(self, image, architecture):
        for descriptor in [image.manifest["config"], *image.manifest["layers"]]:
            self.blob(image.blob(descriptor), descriptor["mediaType"])
        platform = {"architecture": architecture, "os": "linux"}
        if architecture == "arm64":
            platform["variant"] = "v8"
        return self.blob(image.manifest_bytes, MANIFEST, platform=platform)

    def attestation(self, subject):
        """What buildx puts beside each image: no root file system, and a platform that no machine has."""
        config = self.blob(
            dump({"architecture": "unknown", "os": "unknown", "rootfs": {"type": "layers", "diff_ids": []}}),
            CONFIG,
        )
        statement = self.blob(
            dump({"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://slsa.dev/provenance/v0.2"}),
            "application/vnd.in-toto+json",
        )
        document = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [statement]}
        return self.blob(
            dump(document),
            MANIFEST,
            annotations={
                "vnd.docker.reference.digest": subject["digest"],
                "vnd.docker.reference.type": "attestation-manifest",
            },
            platform={"architecture": "unknown", "os": "unknown"},
        )


def index(out, images):
    layout = Layout(out)
    found = [layout.image(image, architecture) for architecture, image in images]
    found += [layout.attestation(subject) for subject in found]
    nested = layout.blob(
        dump({"schemaVersion": 2, "mediaType": INDEX, "manifests": found}), INDEX, annotations={REFERENCE: "latest"}
    )
    layout.write("index.json", dump({"schemaVersion": 2, "mediaType": INDEX, "manifests": [nested]}))


def flat_index(out, images):
    layout = Layout(out)
    found = [layout.image(image, architecture) for architecture, image in images]
    layout.write("index.json", dump({"schemaVersion": 2, "mediaType": INDEX, "manifests": found}))


def main():
    form, out, *pairs = sys.argv[1:]
    images = [(name, Image(place)) for name, _, place in (pair.partition("=") for pair in pairs)]
    {
        "old-docker-archive": old_docker_archive,
        "docker-archive": docker_archive,
        "index": index,
        "flat-index": flat_index,
    }[form](out, images)


main()
