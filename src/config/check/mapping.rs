//! The mapping files: each is read and compiled once for each kind of directory that it is used with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::graveyard::graveyards;
use super::groups::groups;
use super::placement::placement;
use crate::config::types::Config;
use crate::fault::{Document, Faults};
use crate::mapping::{Mapping, compile};
use crate::vendor::Profile;

/// Compiles the mapping of every endpoint, and returns the faults in the mapping files.
pub(in crate::config) fn mappings(document: &Document, config: &mut Config) -> Faults {
    let (mut faults, mut warnings) = (Faults::new(), Vec::new());
    let mut compiled: BTreeMap<(PathBuf, *const Profile), Option<Arc<Mapping>>> = BTreeMap::new();
    let vendors: BTreeMap<String, &'static Profile> =
        config.directories.iter().map(|directory| (directory.settings.name.clone(), directory.vendor)).collect();
    for endpoint in &mut config.endpoints {
        let file = &endpoint.mapping_file;
        if let Err(error) = std::fs::metadata(file) {
            let key = format!("endpoint.{}.mapping", endpoint.name);
            document.fault(&key, Some(&file.display().to_string()), format!("a readable mapping file ({error})"), None);
            continue;
        }
        let Some(vendor) = vendors.get(&endpoint.directory) else { continue };
        let mapping = compiled
            .entry((file.clone(), std::ptr::from_ref(vendor)))
            .or_insert_with(|| read(file, vendor).map_err(|found| faults.append(found)).ok());
        endpoint.mapping.clone_from(mapping);
        warnings.extend(groups(document, endpoint));
        placement(document, endpoint);
    }
    graveyards(document, config);
    config.warnings.extend(warnings);
    faults
}

fn read(file: &Path, vendor: &'static Profile) -> Result<Arc<Mapping>, Faults> {
    let document = Document::read(file)?;
    let mapping = compile(&mut document.reader(), vendor);
    let faults = document.into_faults();
    match mapping {
        Some(mapping) if faults.is_empty() => Ok(Arc::new(mapping)),
        _ => Err(faults),
    }
}
