//! The calls of a [`Connection`] that wait: for a program without a window, whose thread has nothing else to do.
//!
//! They run on the caller's thread, and block on the channel of events. A window must not call them.

use std::iter;
use std::time::{Duration, Instant};

use crossbeam_channel::RecvTimeoutError;

use super::{Connection, NotSent};
use crate::client::event::{ConnectionError, Event, Line, Said};
use crate::client::options::ConnectOptions;
use crate::protocol::{ClientLine, ErrorCode};
use crate::sync::{Mutex, lock};

/// Time for connecting, and for the server's answer to HELLO.
const JOIN_TIMEOUT: Duration = Duration::from_secs(30);

impl Connection {
    /// Connects, joins, and returns once the client is in the room. It waits for 30 s at most.
    ///
    /// The lines before the server's answer are the past: earlier messages, and the users in the room. They are left out here, so
    /// that a bot answers nothing twice. [`ClientLine::Who`] requests the list again.
    ///
    /// # Errors
    /// No connection that is secure enough can be established, or the server rejects the client
    /// ([`ConnectionError::Rejected`]): the name is taken, for example, or the password wrong.
    pub fn connect(options: ConnectOptions) -> Result<Connection, ConnectionError> {
        Connection::open(options).joined(Instant::now() + JOIN_TIMEOUT)
    }

    /// Waits until the client is in the room.
    pub(super) fn joined(mut self, deadline: Instant) -> Result<Connection, ConnectionError> {
        loop {
            let mut lines = match self.next_event(deadline) {
                Ok(Event::Connected { .. }) => continue,
                Ok(Event::Received { lines, .. }) => lines.into_iter(),
                Ok(Event::Ended(why)) => return Err(why),
                Err(RecvTimeoutError::Timeout) => return Err(ConnectionError::TimedOut),
                Err(RecvTimeoutError::Disconnected) => return Err(ConnectionError::Closed),
            };
            while let Some(line) = lines.next() {
                match line.said {
                    Said::Hello(name) if name == self.username.as_str() => {
                        self.unread = Mutex::new(lines.collect());
                        self.leaves_on_drop = true;
                        return Ok(self);
                    }
                    Said::Err { code, detail } => match ErrorCode::from_word(&code) {
                        Some(code) if code.ends_connection() => return Err(ConnectionError::Rejected { code, detail }),
                        _ => {}
                    },
                    _ => {}
                }
            }
        }
    }

    /// Queues a message to all. Does not block.
    ///
    /// # Errors
    /// Those of [`send`](Connection::send).
    pub fn say(&self, text: &str) -> Result<(), NotSent> {
        self.send(&ClientLine::Msg { username: self.username.as_str(), text })
    }

    /// Queues a message to one user. Does not block. If there is no such user, the server answers with
    /// [`ErrorCode::NoSuchUser`].
    ///
    /// # Errors
    /// Those of [`send`](Connection::send). A name with a space is no line either.
    pub fn tell(&self, recipient: &str, text: &str) -> Result<(), NotSent> {
        if recipient.contains(' ') {
            return Err(NotSent::NotALine);
        }
        self.send(&ClientLine::Tell { recipient, text })
    }

    /// Returns the lines from the server, in order. Each step blocks until there is one. The last item is the reason why the
    /// connection has ended.
    ///
    /// An iterator that is dropped loses no line: the next one goes on where it stood.
    pub fn lines(&self) -> impl Iterator<Item = Result<Line, ConnectionError>> + '_ {
        iter::from_fn(|| {
            loop {
                let next = lock(&self.unread).pop_front();
                if let Some(line) = next {
                    return Some(Ok(line));
                }
                match self.events.recv() {
                    Ok(Event::Received { lines, .. }) => lock(&self.unread).extend(lines),
                    Ok(Event::Connected { .. }) => {}
                    Ok(Event::Ended(why)) => return Some(Err(why)),
                    Err(_) => return None,
                }
            }
        })
    }
}
