//! PAST and FIND: answered by the asking client's own thread, so that no other client waits for the disk.
//!
//! An answer can be large, and many clients can ask at once. So an answer is queued in parts, and each part only when
//! the client has read most of the part before. Only the client that asks waits for that, the memory that answers take
//! is bounded, and a client that reads slowly is not disconnected for an answer that it asked for.

use std::thread;
use std::time::Duration;

use super::Session;
use crate::protocol::{ErrorCode, Rejected, ServerLine, Stamp};
use crate::server::delivery::batch::Batch;
use crate::server::storage::history::types::Answer;
use crate::server::storage::history::{History, QueryState};

/// Number of bytes of an answer that are queued at once, and up to which earlier ones may still wait.
const PART: usize = 64 * 1024;

/// Time between two looks at the backlog of a client that reads slowly.
const TICK: Duration = Duration::from_millis(5);

impl Session<'_> {
    /// Answers `PAST <stamp> <count>`.
    pub(super) fn answer_past(&mut self, before: Stamp, count: usize) -> Result<(), Rejected> {
        let answer = self.ask(|history, asker, said| history.past(asker, said, before, count))?;
        self.send_answer("PAST", &answer, |from, text| ServerLine::Past { from, text });
        Ok(())
    }

    /// Answers `FIND <words>`.
    pub(super) fn answer_find(&mut self, words: &str) -> Result<(), Rejected> {
        let answer = self.ask(|history, asker, said| history.find(asker, said, words))?;
        self.send_answer("FIND", &answer, |from, text| ServerLine::Found { from, text });
        Ok(())
    }

    /// Asks the history a question.
    fn ask(
        &mut self,
        question: impl FnOnce(&History, &mut QueryState, u64) -> Result<Answer, Rejected>,
    ) -> Result<Answer, Rejected> {
        // The client's own last messages are part of the answer, so they go to the history first. And the recipients of
        // this batch must not wait while this thread does.
        self.flush();
        match &self.context.history {
            Some(history) => question(history, &mut self.asker, self.context.registry.remembered()),
            None => Err(Rejected::new(ErrorCode::Unavailable, "this server has no messages from before")),
        }
    }

    fn send_answer<'m>(&mut self, of: &str, answer: &'m Answer, line: impl Fn(&'m str, &'m str) -> ServerLine<'m>) {
        // Far below the queue limit, so that live lines still fit behind a part.
        let part = PART.min(self.context.backlog_max / 4);
        let mut lines = Batch::default();
        let mut bytes = 0;
        for message in &answer.messages {
            lines.add_past(&line(message.from(), message.text()), message.stamp);
            bytes += message.text().len();
            if bytes >= part {
                self.send_part(&mut lines, part);
                bytes = 0;
            }
        }
        self.send_part(&mut lines, part);
        self.send_deleted(answer);
        self.answer(&ServerLine::End { of, more: answer.more });
    }

    /// Queues DELETED for the messages of an answer that were deleted since it was read. What is deleted from now on comes
    /// behind the answer anyway.
    fn send_deleted(&mut self, answer: &Answer) {
        if !self.client.capabilities.deleted {
            return;
        }
        let stamps = answer.messages.iter().map(|message| message.stamp);
        let mut lines = Vec::new();
        for stamp in self.context.registry.deleted_among(stamps) {
            ServerLine::Deleted(stamp).encode(&mut lines);
        }
        if !lines.is_empty() {
            self.writes.push(self.client, &lines.into());
        }
    }

    /// Queues some lines of an answer once the client has read most of the ones before.
    fn send_part(&mut self, lines: &mut Batch, part: usize) {
        // It ends in any case: the drain thread disconnects a client that reads nothing.
        while self.client.outbox.backlog() > part && self.client.disconnect_reason().is_none() {
            thread::park_timeout(TICK);
        }
        if !lines.is_empty() {
            // With stamps, whether or not the client asked for them: the next question begins at the stamp of the first
            // line.
            self.writes.push(self.client, lines.chunk(true));
            self.writes.deliver();
            lines.clear();
        }
    }
}
