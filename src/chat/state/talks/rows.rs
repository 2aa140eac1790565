//! Rows of the list of conversations: everybody first, then the private ones, those with unread messages before the
//! others, and the one used last before the one used earlier; the rooms of other servers last. Runs on the UI thread.

use super::Talks;
use super::conversation::Conversation;
use super::message_log::shown_name;
use super::private::TalkId;
use super::whom::{Whom, shown_server};
use crate::chat::render::styled::name_color;
use crate::chat::state::Chat;
use crate::clock::Clock;

/// One row of the list. All texts are escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TalkRow {
    /// The conversation.
    pub talk: TalkId,
    /// The name for display.
    pub shown: String,
    /// Index of the name's colour; `None` for the conversation with everybody.
    pub color: Option<usize>,
    /// Why nothing can be said there now: the person has left, or is on another server.
    pub note: Option<String>,
    /// Number of unread messages.
    pub unread: u64,
    /// Text that was not sent waits there.
    pub has_draft: bool,
}

/// State of the views of the conversations, as far as the list shows it.
pub trait Seen {
    /// Returns the number of unread messages in the conversation with a room.
    fn unread_in_room(&self, talk: TalkId) -> u64;
    /// Returns whether text waits in the entry of a conversation.
    fn has_draft(&self, talk: TalkId) -> bool;
}

/// Views that were never shown.
impl Seen for () {
    fn unread_in_room(&self, _: TalkId) -> u64 {
        0
    }

    fn has_draft(&self, _: TalkId) -> bool {
        false
    }
}

impl TalkRow {
    /// Returns everything about the row but the name.
    pub fn details(&self) -> String {
        let unread = (self.unread > 0).then(|| format!("{} unread", self.unread));
        let draft = self.has_draft.then(|| "text waits".to_owned());
        self.note.iter().cloned().chain(unread).chain(draft).collect::<Vec<_>>().join(", ")
    }

    /// Returns whether the name contains `part`, in any case.
    pub fn has_in_name(&self, part: &str) -> bool {
        self.shown.to_lowercase().contains(&part.to_lowercase())
    }
}

/// Target that a part of a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// A person in the room, by name.
    Person(String),
    /// A conversation.
    Talk(TalkId),
}

impl Talks {
    /// Returns the number of unread private messages, without those in the conversations that `has_own_count` names.
    pub fn unread_in_private(&self, has_own_count: impl Fn(TalkId) -> bool) -> u64 {
        let counted = self.privates.iter().filter(|private| !has_own_count(private.id));
        counted.map(|private| private.conversation.unread).sum()
    }

    fn rows(&self, seen: &impl Seen, has_left: impl Fn(&str) -> bool) -> Vec<TalkRow> {
        let row = |private: &super::private::Private| {
            let shown = shown_name(&private.name);
            TalkRow {
                talk: private.id,
                color: Some(name_color(&shown)),
                shown,
                note: match self.whom_of(private) {
                    Whom::OnOtherServer(server, _) => Some(format!("on {}", shown_server(&server))),
                    _ => has_left(&private.name).then(|| "has left".to_owned()),
                },
                unread: private.conversation.unread,
                has_draft: private.conversation.has_returned() || seen.has_draft(private.id),
            }
        };
        let room = |talk, note, conversation: &Conversation| TalkRow {
            talk,
            shown: "Everybody".to_owned(),
            color: None,
            note,
            unread: seen.unread_in_room(talk),
            has_draft: conversation.has_returned() || seen.has_draft(talk),
        };
        let mut rows: Vec<_> = self.privates.iter().rev().filter(|private| !private.is_finished()).map(row).collect();
        rows.sort_by_key(|row| row.unread == 0);
        rows.insert(0, room(self.room_id, None, &self.room));
        rows.extend(self.other_rooms.iter().rev().filter_map(|other| {
            let talk = other.listed(|talk| seen.has_draft(talk))?;
            Some(room(talk, Some(format!("on {}", shown_server(&other.server))), &other.conversation))
        }));
        rows
    }
}

impl Chat {
    /// Returns the rows of the list of conversations.
    pub fn talk_rows(&self, seen: &impl Seen) -> Vec<TalkRow> {
        self.talks.rows(seen, |name| self.link.is_online() && self.people.roster().find(name).is_none())
    }

    /// Returns what a part of a name stands for: first a person in the room whose name begins with it, then one whose name
    /// contains it, then a conversation.
    pub fn first_match(&self, part: &str, clock: &Clock) -> Option<Match> {
        let part = part.trim();
        if part.is_empty() {
            return None;
        }
        let (people, _) = self.rows(part, 2, clock);
        let person = people.into_iter().find(|row| !row.is_me).map(|row| Match::Person(row.name));
        person.or_else(|| {
            let found = self.talk_rows(&()).into_iter().find(|row| row.has_in_name(part));
            found.map(|row| Match::Talk(row.talk))
        })
    }
}
