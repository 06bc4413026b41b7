//! Queries of archives, as the cases write them.

use converse::mam::ArchiveError;
use converse::prelude::*;
use serde_json::Value;

/// The query that the argument of a case stands for: options, or `{"@rsm_next": [RESULT, MAX]}` and `@rsm_previous`, where
/// the runner has put the result of an earlier call.
pub(super) fn query(argument: Option<&Value>) -> Result<Query, Error> {
    let argument = argument.unwrap_or(&Value::Null);
    if let Some((rsm, max)) = page(argument, "@rsm_next")? {
        return Ok({ rsm }.next(max));
    }
    if let Some((rsm, max)) = page(argument, "@rsm_previous")? {
        // By the object, as the 3.2 document's example has it.
        let mut rsm = rsm;
        rsm.previous(max);
        return Ok(rsm.into());
    }
    Query::try_from(argument.clone()).map_err(|error: ArchiveError| error.into())
}

fn page(argument: &Value, way: &str) -> Result<Option<(Rsm, u32)>, Error> {
    let Some(paging) = argument.get(way) else {
        return Ok(None);
    };
    let rsm = serde_json::from_value(paging[0]["rsm"].clone());
    let max = serde_json::from_value(paging[1].clone());
    match (rsm, max) {
        (Ok(rsm), Ok(max)) => Ok(Some((rsm, max))),
        (Err(error), _) | (_, Err(error)) => {
            let what = format!("`{way}` of something that is no page: {error}");
            Err(Error::new(ErrorKind::InvalidArgument, what))
        }
    }
}
