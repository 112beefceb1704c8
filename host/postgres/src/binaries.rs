//! Finds installed PostgreSQL programs and picks the installation that fits a cluster. Knows no data folder: what a
//! cluster needs arrives as a major version.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::error::Error;
use crate::program;

/// The oldest major version this crate starts; the dialect NexusPort speaks begins there.
pub(crate) const OLDEST_MAJOR: u32 = 15;

/// Folders that hold one subfolder per version, and what lies between that and the programs.
const VERSIONED: [(&str, &str, &str); 6] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// One installed PostgreSQL.
#[derive(Clone, Debug)]
pub(crate) struct Installation {
    folder: PathBuf,
    pub version: String,
    pub major: u32,
}

/// What a cluster or backup asks of an installation.
#[derive(Clone, Copy)]
pub(crate) struct Need<'a> {
    /// The cluster or backup, to be named in a refusal.
    pub holder: &'a Path,
    /// The major version that wrote it; nothing for a cluster yet to be made.
    pub major: Option<u32>,
}

impl Installation {
    /// The newest installation that fits: in `chosen` alone when given, else wherever platforms put them.
    pub fn find(chosen: Option<&Path>, need: Need) -> Result<Installation, Error> {
        let folders = match chosen {
            Some(folder) => vec![folder.to_owned()],
            None => installed_folders(),
        };
        let installations: Vec<Installation> = folders.iter().filter_map(|f| Installation::at(f)).collect();
        if installations.is_empty() {
            let place = chosen.map_or("on this machine".to_owned(), |folder| {
                format!("in {}", folder.display())
            });
            let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
            return Err(Error::NoBinaries {
                place,
                advice: advice(&release),
            });
        }
        pick(installations, need)
    }

    /// The path of one of its programs.
    pub fn program(&self, name: &'static str) -> Result<PathBuf, Error> {
        let program = self.folder.join(name);
        match program.is_file() {
            true => Ok(program),
            false => Err(Error::MissingProgram {
                program: name,
                folder: self.folder.clone(),
            }),
        }
    }

    fn at(folder: &Path) -> Option<Installation> {
        // A distribution's /usr/local/bin may link to single programs; their siblings are where the link points.
        let initdb = fs::canonicalize(folder.join("initdb")).ok()?;
        let folder = initdb.parent()?.to_owned();
        let text = said_by(&folder.join("postgres"), "--version")?;
        let version = text
            .strip_prefix("postgres (PostgreSQL) ")?
            .split_whitespace()
            .next()?
            .to_owned();
        let major = major(&version)?;
        Some(Installation {
            folder,
            version,
            major,
        })
    }
}

/// The leading number of a version, as in `15.18`, `17` or `18beta2`.
pub(crate) fn major(version: &str) -> Option<u32> {
    let digits = version
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(version.len());
    version[..digits].parse().ok()
}

fn pick(installations: Vec<Installation>, need: Need) -> Result<Installation, Error> {
    let names: BTreeSet<&str> = installations.iter().map(|one| one.version.as_str()).collect();
    let installed = names.into_iter().collect::<Vec<_>>().join(", ");
    let fitting = installations
        .into_iter()
        .filter(|one| need.major.is_none_or(|major| one.major == major));
    match (fitting.max_by_key(|one| one.major), need.major) {
        (Some(newest), _) if newest.major < OLDEST_MAJOR => Err(Error::TooOld {
            found: newest.version,
            folder: newest.folder,
        }),
        (Some(newest), _) => Ok(newest),
        (None, held) => {
            let held = held.expect("without a needed version every installation fits, and there is one");
            Err(Error::OtherMajor {
                holder: need.holder.to_owned(),
                held,
                installed,
            })
        }
    }
}

fn installed_folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let configs: BTreeSet<PathBuf> = folders
        .iter()
        .filter_map(|folder| fs::canonicalize(folder.join("pg_config")).ok())
        .collect();
    folders.extend(configs.iter().filter_map(|config| {
        let bindir = said_by(config, "--bindir")?;
        Some(PathBuf::from(OsStr::from_bytes(bindir.trim_end().as_bytes())))
    }));
    for (parent, prefix, below) in VERSIONED {
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        let versions = entries.filter(|entry| entry.file_name().as_bytes().starts_with(prefix.as_bytes()));
        folders.extend(versions.map(|entry| entry.path().join(below)));
    }
    let mut seen = BTreeSet::new();
    folders.retain(|folder| fs::canonicalize(folder.join("initdb")).is_ok_and(|initdb| seen.insert(initdb)));
    folders
}

fn said_by(program: &Path, argument: &str) -> Option<String> {
    if !program.is_file() {
        return None;
    }
    let mut command = program::command(program, None);
    let output = command
        .arg(argument)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn advice(os_release: &str) -> String {
    let family = |names: &[&str]| {
        let ids = os_release
            .lines()
            .filter(|line| line.starts_with("ID=") || line.starts_with("ID_LIKE="));
        ids.flat_map(|line| line.split(['=', ' ', '"']))
            .any(|id| names.contains(&id))
    };
    let debian = "apt install postgresql";
    let fedora = "dnf install postgresql-server";
    let homebrew = "brew install postgresql@17";
    if cfg!(target_os = "macos") {
        homebrew.to_owned()
    } else if family(&["debian", "ubuntu"]) {
        debian.to_owned()
    } else if family(&["fedora", "rhel", "centos"]) {
        fedora.to_owned()
    } else {
        format!("{debian} (Debian, Ubuntu), {fedora} (Fedora) or {homebrew} (macOS)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installed(versions: &[&str]) -> Vec<Installation> {
        let one = |version: &&str| Installation {
            folder: PathBuf::from("/pg").join(version),
            version: version.to_string(),
            major: major(version).expect("a version begins with its major number"),
        };
        versions.iter().map(one).collect()
    }

    fn picked(versions: &[&str], major: Option<u32>) -> String {
        match pick(
            installed(versions),
            Need {
                holder: Path::new("/data"),
                major,
            },
        ) {
            Ok(installation) => installation.version,
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_cluster_gets_its_own_major_version_and_a_new_one_the_newest() {
        assert_eq!(picked(&["15.18", "18beta2", "17.1"], Some(15)), "15.18");
        assert_eq!(picked(&["15.18", "18beta2", "17.1"], None), "18beta2");
    }

    #[test]
    fn a_refusal_names_the_versions_and_the_limit() {
        assert_eq!(
            picked(&["15.18", "17.1"], Some(16)),
            "/data belongs to PostgreSQL 16, but installed is 15.18, 17.1: install PostgreSQL 16"
        );
        assert_eq!(
            picked(&["14.2"], None),
            "PostgreSQL 14.2 in /pg/14.2 is too old: 15 or newer is needed"
        );
        assert_eq!(
            picked(&["14.2", "15.1"], Some(14)),
            "PostgreSQL 14.2 in /pg/14.2 is too old: 15 or newer is needed"
        );
    }

    #[test]
    fn the_advice_is_the_platforms_own_command() {
        if cfg!(target_os = "macos") {
            assert_eq!(advice(""), "brew install postgresql@17");
            return;
        }
        assert_eq!(
            advice("NAME=x\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"),
            "apt install postgresql"
        );
        assert_eq!(
            advice("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n"),
            "dnf install postgresql-server"
        );
        let all = advice("ID=other\nVARIANT_ID=debian\n");
        assert!(
            ["apt", "dnf", "brew"].iter().all(|tool| all.contains(tool)),
            "{all}"
        );
    }
}
