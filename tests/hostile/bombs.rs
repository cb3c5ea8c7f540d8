//! What unpacks to more than anybody wants: sizes, ratios, counts, depth.

use std::{
    fs::File,
    io::{BufWriter, Write},
};

use super::{
    super::{
        archive::{Archive, Member, gzip, gzip_of_zeros, header, octal, record},
        image::{Layout, digest, of_bomb, of_layers, of_stored, of_written},
    },
    Case,
    Outcome::{Error, Files, Gap},
    case, within,
};

/// The header of a file of 7 GiB.
fn large() -> [u8; 512] {
    header(&Member { path: b"zeros", size: Some(octal(7 << 30)), ..Member::default() })
}

/// So many empty files in a thousand directories.
fn many(archive: &mut dyn Write, files: usize) {
    for at in 0..files {
        let header = header(&Member { path: format!("d{}/f{at}", at % 1000).as_bytes(), ..Member::default() });
        archive.write_all(&header).expect("written");
    }
}

/// A path of so many components.
fn deep(components: usize) -> Vec<u8> {
    b"a/".repeat(components)
}

fn deep_layer(components: usize) -> Vec<u8> {
    Archive::default().pax(&record("path", &deep(components))).file("short", b"").end()
}

/// A zstd frame of 128 KiB blocks, each of which is one byte repeated: four bytes for each block.
fn zstd_of_zeros(start: &[u8], blocks: usize) -> Vec<u8> {
    // Magic, no content size, no checksum, a window of 1 MiB.
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50];
    let block = |last: bool, kind: u32, size: u32| (u32::from(last) | kind << 1 | size << 3).to_le_bytes();
    let raw = u32::try_from(start.len()).expect("small");
    frame.extend(&block(false, 0, raw)[..3]);
    frame.extend(start);
    for at in 0..blocks {
        frame.extend(&block(at + 1 == blocks, 1, 128 << 10)[..3]);
        frame.push(0);
    }
    frame
}

pub fn cases() -> Vec<Case> {
    vec![
        case("gzip-bomb", "a layer of 8 MB that inflates to 8 GB", Error("layer-out-of-proportion"), |here| {
            of_bomb(here, gzip_of_zeros(&large(), 1000))
        }),
        case("gzip-members", "the same in a thousand gzip members", Error("layer-out-of-proportion"), |here| {
            let mut stored = gzip(&large());
            stored.extend(gzip(&vec![0; 8 << 20]).repeat(1000));
            of_bomb(here, stored)
        }),
        case("zstd-bomb", "a zstd layer of 256 KB that inflates to 8 GB", Error("layer-out-of-proportion"), |here| {
            of_bomb(here, zstd_of_zeros(&large(), 64 << 10))
        }),
        case("zstd-window", "a zstd frame that asks for a window of 2 GB", Error("layer-damaged"), |here| {
            let mut stored = zstd_of_zeros(&large(), 8);
            stored[5] = 21 << 3;
            of_bomb(here, stored)
        }),
        within(
            &["--limit", "layer-size=1MiB"],
            ("layer-size", "a layer beyond its limit, in proportion"),
            Error("layer-too-large"),
            |here| of_layers(here, &[Archive::default().file("a", &vec![b'x'; 2 << 20]).end()]),
        ),
        case("sparse-claims", "a sparse file that claims a petabyte and stores nothing", Error("layer-too-large"), |here| {
            let mut header = header(&Member { path: b"sparse", kind: b'S', ..Member::default() });
            header[257..265].copy_from_slice(b"ustar  \0");
            header[483..495].copy_from_slice(&super::super::archive::base_256(1 << 50));
            let layer = Archive(super::super::archive::sum(header).to_vec()).end();
            of_layers(here, &[layer])
        }),
        within(&["--limit", "entries=1000"], ("entries", "more entries than their limit"), Error("too-many-entries"), |here| {
            let many = (0..1001).fold(Archive::default(), |archive, at| archive.file(&format!("f{at}"), b""));
            of_layers(here, &[many.end()])
        }),
        within(
            &["--limit", "entries=1000"],
            ("entries-of-layers", "one layer named by a thousand"),
            Error("too-many-entries"),
            |here| {
                let layer = (0..10).fold(Archive::default(), |archive, at| archive.file(&format!("f{at}"), b"")).end();
                of_layers(here, &vec![layer; 1000])
            },
        ),
        case("many-files", "300,000 empty files in a layer of a megabyte", Gap("path-too-long", "layer 0"), |here| {
            of_written(here, |layer| {
                many(layer, 300_000);
                // So that the outcome is not a list of all of them.
                let last = Archive::default().pax(&record("path", &deep(1000))).file("short", b"").end();
                layer.write_all(&last).expect("in memory");
            })
        }),
        case("layers", "an image of 1,100 layers", Error("too-many-layers"), |here| {
            of_layers(here, &vec![Archive::default().file("a", b"").end(); 1100])
        }),
        case(
            "many-layers",
            "an image of a thousand layers that replace and remove each other's files",
            Files(&["/a file", "/d directory", "/d/f999 file"]),
            |here| {
                let layers: Vec<_> = (0..1000)
                    .map(|at| {
                        Archive::default().file("a", b"").file("d/.wh..wh..opq", b"").file(&format!("d/f{at}"), b"").end()
                    })
                    .collect();
                of_layers(here, &layers)
            },
        ),
        case(
            "deep-path",
            "a layer of some 270 bytes with a path of 60,000 components",
            Gap("path-too-long", "layer 0"),
            |here| {
                let layer = deep_layer(60_000);
                of_stored(here, &[(gzip(&layer), digest(&layer))])
            },
        ),
        case("long-path", "a path of 5,000 bytes", Gap("path-too-long", "layer 0"), |here| {
            of_layers(here, &[Archive::default().pax(&record("path", &[b'x'; 5000])).file("short", b"").end()])
        }),
        case(
            "deep-links",
            "directories made ever deeper through symbolic links",
            Gap("path-too-long", "/l1/x/x/x…"),
            |here| {
                let below = "x/".repeat(120);
                let mut layer = Archive::default();
                let mut before = String::new();
                for at in 0..5 {
                    let target = format!("{before}{below}");
                    let records = [record("linkpath", target.as_bytes()), record("path", format!("l{at}").as_bytes())].concat();
                    layer = layer.pax(&records).symlink("short", "short");
                    layer = layer.pax(&record("path", format!("l{at}/{below}f").as_bytes())).file("short", b"");
                    before = format!("l{at}/{below}");
                }
                let _ = before;
                of_layers(here, &[layer.end()])
            },
        ),
        case("xattrs", "100,000 extended attributes of one file", Files(&["/a file"]), |here| {
            let records: Vec<u8> = (0..100_000).flat_map(|at| record(&format!("SCHILY.xattr.user.a{at}"), b"x")).collect();
            of_layers(here, &[Archive::default().pax(&records).file("a", b"").end()])
        }),
        case(
            "tar-stream",
            "a root file system in a file that is read as an image archive of 200,001 members",
            Error("too-many-members"),
            |here| {
                let path = here.join("image.tar");
                many(&mut BufWriter::new(File::create(&path).expect("a scratch directory")), 200_001);
                path.display().to_string()
            },
        ),
        within(&["--limit", "time=0"], ("time", "a target for which there is no time"), Error("time-limit"), |here| {
            of_layers(here, &[Archive::default().file("a", b"").end()])
        }),
        case("index-width", "an index that names 2,001 manifests", Error("index-too-large"), |here| {
            let layout = Layout::new(here);
            let config = layout.config(&[]);
            let manifests: Vec<_> = (0..2001)
                .map(|at| {
                    let manifest = serde_json::json!({ "schemaVersion": 2, "config": config, "layers": [], "annotations": { "at": at.to_string() } });
                    layout.blob(super::super::image::MANIFEST, manifest.to_string().as_bytes())
                })
                .collect();
            layout.index(&manifests)
        }),
    ]
}
