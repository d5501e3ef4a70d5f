//! SEARCH: which messages match (RFC 9051 §6.4.4, ESEARCH RFC 4731, `$` RFC 5182).

use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::{Backend, RowQuery, SearchQuery};
use super::criteria;
use super::session::{Outcome, Session, Stop};
use super::uids::{UidRange, UidSet};
use crate::codec::{Numbering, Search, SearchKey, SearchReturns, Tag, write};
use crate::reply::Reply;

/// What a search found.
pub(super) struct Hits {
    pub(super) uids: UidSet,
    /// The highest mod-sequence among them, where asked for.
    pub(super) modseq: Option<u64>,
}

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    pub(super) async fn search(&mut self, tag: &Tag, search: Search) -> Outcome {
        let is_saving = search.returns.is_some_and(|returns| returns.contains(SearchReturns::SAVE));
        let hits = match self.find(&search.key).await {
            Ok(hits) => hits,
            Err(Stop::Reply(reply)) => {
                // RFC 5182 §2.1: after a "no" the variable is empty.
                if is_saving && let Some(selected) = &mut self.selected {
                    selected.saved = UidSet::default();
                }
                return Err(reply.into());
            }
            Err(stop) => return Err(stop),
        };
        let mut out = Vec::new();
        match search.returns {
            None if !self.enabled.rev2 => self.write_search(&mut out, &hits, search.numbering),
            returns => {
                let returns = returns.unwrap_or(SearchReturns::ALL);
                let hits = self.narrowed(hits, returns).await?;
                if is_saving && let Some(selected) = &mut self.selected {
                    selected.saved = saved(&hits.uids, returns);
                }
                // RFC 5182 §2.4: SAVE alone says nothing.
                if returns != SearchReturns::SAVE {
                    self.write_esearch_head(&mut out, tag, search.numbering);
                    self.write_numbers_of(&mut out, &hits, returns, search.numbering);
                    out.extend_from_slice(b"\r\n");
                }
            }
        }
        self.say_octets(&out).await?;
        Ok(Reply::ok("That is what was found"))
    }

    /// All messages that match.
    pub(super) async fn find(&mut self, key: &SearchKey) -> Result<Hits, Stop> {
        let wants_modseq = criteria::asks_modseq(key);
        if wants_modseq {
            // RFC 7162 §3.1.5
            self.enable_condstore().await?;
        }
        let selected = self.open_mailbox()?;
        let criterion = criteria::criterion(key, selected)?;
        let among = selected.living();
        let mut query =
            SearchQuery { uids: among.runs().to_vec(), criterion, modseq: wants_modseq };
        let (mut found, mut modseq) = (Vec::new(), 0);
        while !query.uids.is_empty() {
            let page = self.backend.search(&query).await?;
            found.extend(page.uids);
            modseq = modseq.max(page.modseq);
            let Some(resume_at) = page.resume_at else { break };
            query.uids = among.from(resume_at).runs().to_vec();
        }
        let uids = among.within(UidSet::new(found).runs());
        let modseq = (wants_modseq && !uids.is_empty()).then_some(modseq);
        Ok(Hits { uids, modseq })
    }

    /// RFC 4731 §3.2: with MIN or MAX alone, the mod-sequence is that of the messages named.
    async fn narrowed(&mut self, hits: Hits, returns: SearchReturns) -> Result<Hits, Stop> {
        let names_all =
            returns.contains(SearchReturns::ALL) || returns.contains(SearchReturns::COUNT);
        let (Some(_), Some(bounds), false) = (hits.modseq, hits.uids.bounds(), names_all) else {
            return Ok(hits);
        };
        let mut named = Vec::new();
        if returns.contains(SearchReturns::MIN) {
            named.push(UidRange::one(bounds.first));
        }
        if returns.contains(SearchReturns::MAX) {
            named.push(UidRange::one(bounds.last));
        }
        let query = RowQuery::new(UidSet::new(named).runs().to_vec());
        let page = self.backend.rows(&query).await?;
        let modseq = page.rows.iter().map(|row| row.modseq).max();
        Ok(Hits { modseq: modseq.or(hits.modseq), ..hits })
    }

    /// The untagged SEARCH of RFC 3501 §7.2.5.
    fn write_search(&self, out: &mut Vec<u8>, hits: &Hits, numbering: Numbering) {
        out.extend_from_slice(b"* SEARCH");
        for uid in hits.uids.iter() {
            out.push(b' ');
            write::number(out, u64::from(self.number(uid, numbering)));
        }
        if let Some(modseq) = hits.modseq {
            out.extend_from_slice(format!(" (MODSEQ {modseq})").as_bytes());
        }
        out.extend_from_slice(b"\r\n");
    }

    /// `* ESEARCH (TAG "…") UID`
    pub(super) fn write_esearch_head(&self, out: &mut Vec<u8>, tag: &Tag, numbering: Numbering) {
        out.extend_from_slice(b"* ESEARCH (TAG ");
        write::string(out, tag.as_str().as_bytes(), self.enabled.name_encoding());
        out.push(b')');
        if numbering == Numbering::Uid {
            out.extend_from_slice(b" UID");
        }
    }

    /// The results of ESEARCH, MIN and MAX as for SEARCH.
    fn write_numbers_of(
        &self,
        out: &mut Vec<u8>,
        hits: &Hits,
        returns: SearchReturns,
        numbering: Numbering,
    ) {
        if let Some(bounds) = hits.uids.bounds() {
            if returns.contains(SearchReturns::MIN) {
                let number = self.number(bounds.first, numbering);
                out.extend_from_slice(format!(" MIN {number}").as_bytes());
            }
            if returns.contains(SearchReturns::MAX) {
                let number = self.number(bounds.last, numbering);
                out.extend_from_slice(format!(" MAX {number}").as_bytes());
            }
            if returns.contains(SearchReturns::ALL) {
                out.extend_from_slice(b" ALL ");
                self.write_numbers(out, &hits.uids, numbering);
            }
        }
        if returns.contains(SearchReturns::COUNT) {
            out.extend_from_slice(format!(" COUNT {}", hits.uids.count()).as_bytes());
        }
        if let Some(modseq) = hits.modseq {
            out.extend_from_slice(format!(" MODSEQ {modseq}").as_bytes());
        }
    }

    /// A message in the way the command counts.
    pub(super) fn number(&self, uid: u32, numbering: Numbering) -> u32 {
        match (numbering, &self.selected) {
            (Numbering::Sequence, Some(selected)) => selected.uids.rank(uid).unwrap_or(0),
            _ => uid,
        }
    }
}

/// RFC 5182 §2.1: what MIN or MAX alone found is what is kept.
fn saved(uids: &UidSet, returns: SearchReturns) -> UidSet {
    let (min, max) = (returns.contains(SearchReturns::MIN), returns.contains(SearchReturns::MAX));
    let names_all = returns.contains(SearchReturns::ALL) || returns.contains(SearchReturns::COUNT);
    match uids.bounds() {
        Some(bounds) if (min || max) && !names_all => {
            let first = min.then_some(UidRange::one(bounds.first));
            let last = max.then_some(UidRange::one(bounds.last));
            UidSet::new(first.into_iter().chain(last).collect())
        }
        _ => uids.clone(),
    }
}
