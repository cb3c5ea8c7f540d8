//! Every ceiling on outside input, passed explicitly; never a global.

/// How much of an untrusted input is read before it becomes a gap or an error.
///
/// Sizes are in bytes.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Largest manifest, index or image config.
    pub document: u64,
    /// Largest inflated size of one layer.
    pub layer: u64,
    /// Most entries in one layer.
    pub entries: usize,
    /// Largest Python source that is parsed.
    pub python_source: u64,
    /// Largest text file (metadata, package database, configuration) that is kept.
    pub text: u64,
    /// Largest ELF file whose bytes are searched.
    pub elf: u64,
    /// Largest extended headers (long names, PAX records) of one archive member.
    pub member_headers: u64,
    /// Most members of one image archive.
    pub members: usize,
    /// Most manifests that an index and the indexes inside it may name.
    pub manifests: usize,
    /// How deep indexes may stand inside indexes.
    pub index_depth: usize,
    /// Largest answer of a registry's token server.
    pub token: u64,
    /// Most names that a registry may list.
    pub listed: usize,
    /// Most redirects of one request to a registry.
    pub redirects: usize,
    /// Longest path, in bytes.
    pub path_length: usize,
    /// Most components in one path.
    pub path_depth: usize,
    /// Most symbolic links followed for one path, as Linux has it.
    pub link_hops: usize,
    /// Bytes of file content that may wait for extraction at once.
    pub in_flight: usize,
    /// What is read of one zip archive that may lie on the path of a Python.
    pub zip: ZipLimits,
    /// What is read of one database of rpm.
    pub rpm: RpmLimits,
}

/// How much of one database of rpm is read.
#[derive(Debug, Clone, Copy)]
pub struct RpmLimits {
    /// Largest database that is read.
    pub database: u64,
    /// Most packages.
    pub packages: usize,
    /// Bytes of the paths of all files together.
    pub paths: usize,
}

impl Default for RpmLimits {
    fn default() -> Self {
        Self { database: 512 << 20, packages: 200_000, paths: 256 << 20 }
    }
}

/// How much of one zip archive is read.
#[derive(Debug, Clone, Copy)]
pub struct ZipLimits {
    /// Largest archive that is opened.
    pub archive: u64,
    /// Most members; of an archive with more none is read.
    pub members: usize,
    /// Largest member, inflated.
    pub member: u64,
    /// Inflated bytes of all members together.
    pub inflated: u64,
    /// How many times larger than its compressed bytes a member may be, once it is larger than `small`.
    pub ratio: u64,
    /// Inflated size up to which any ratio will do.
    pub small: u64,
}

impl Default for ZipLimits {
    fn default() -> Self {
        Self { archive: 64 << 20, members: 50_000, member: 16 << 20, inflated: 256 << 20, ratio: 200, small: 1 << 20 }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document: 16 << 20,
            layer: 64 << 30,
            entries: 8_000_000,
            python_source: 16 << 20,
            text: 64 << 20,
            elf: 512 << 20,
            member_headers: 4 << 20,
            members: 200_000,
            manifests: 2000,
            index_depth: 4,
            token: 256 << 10,
            listed: 1_000_000,
            redirects: 5,
            path_length: 4096,
            path_depth: 256,
            link_hops: 40,
            in_flight: 32 << 20,
            zip: ZipLimits::default(),
            rpm: RpmLimits::default(),
        }
    }
}

/// Longest glob, in bytes.
pub const GLOB_LENGTH: usize = 16 << 10;
/// Most choices (`{a,b}`) in a glob: those that stand in each other nest as deep as there are.
pub const GLOB_CHOICES: usize = 64;

/// Whether a glob is small enough to be compiled: the library that does it ends the program where one is too large.
pub fn is_glob_small(glob: &str) -> bool {
    glob.len() <= GLOB_LENGTH && memchr::memchr_iter(b'{', glob.as_bytes()).count() <= GLOB_CHOICES
}
