//! A multi-user chat with a desktop window at both ends, made of blocking sockets and OS threads.
//!
//! The program is to be used (the README says how) and to be read. This page is the way in: it follows one message from
//! a key press to another person's screen, and says at each step which file, which thread and which lock. A name of a
//! file leads to its text, any other name to its description. Whoever would rather begin with something small climbs
//! the ladder first: eleven little programs in `examples/`, the sixth of which is the heart of this one.
//!
//! # One message
//!
//! Ann types `hello`, and Ben reads it.
//!
//! | step | file | thread | lock |
//! | ---- | ---- | ------ | ---- |
//! | 1. Enter is pressed: the window gives the text to the model, which shows it pale and gives it to the connection | [`chat/window/conversation/writing.rs`], [`chat/state/send.rs`] | main, in Ann's client | |
//! | 2. A bounded channel carries the line to a thread that may block | [`client/connection.rs`]: [`send`](client::Connection::send) | main: `try_send` | |
//! | 3. `MSG ann hello` is written to the socket | [`client/connection/writer.rs`] | `writer` | |
//! | 4. The server reads it: Ann's thread was blocked in `read` | [`server/session.rs`], [`protocol::framing`] | `client #1`, in the server | |
//! | 5. Bytes become a line, and the line a [`ClientLine`](protocol::ClientLine); a wrong one is answered with `ERR` | [`protocol/client_line.rs`] | `client #1` | |
//! | 6. The line gets its stamp and is pushed to every outbox, so all see one order | [`server/registry.rs`], [`server/delivery/batch.rs`], [`server/delivery/outbox.rs`] | `client #1` | registry, and within it one outbox at a time |
//! | 7. The outboxes that nobody else is writing from are written to their sockets, one system call each | [`server/delivery.rs`], [`server/delivery/claim.rs`] | `client #1` | none, but the outbox for each take |
//! | 8. What was said goes to the thread that remembers it, over a bounded channel: if the disk is slow, Ann's thread waits there, and nobody else | [`server/session.rs`]: `flush`, [`server/storage/history/enabled.rs`] | `client #1`, then `history` | none |
//! | 9. Ben's client reads it, and puts an [`Event`](client::Event) into a bounded channel | [`client/connection/reader.rs`] | `reader`, in Ben's client | |
//! | 10. A timer drains the channel, thirty times a second; the model settles the line, the window appends it | [`ui/timer.rs`], [`chat/state/receive.rs`], [`chat/window/conversation/transcript.rs`] | main, in Ben's client | |
//! | 11. Ann asked for an `echo`: the same line comes back to her, and the pale one takes its place in the order | [`chat/state/queue.rs`] | `reader`, main | |
//!
//! If Ben has stopped reading (Ctrl-Z on his client), step 7 finds his socket full: Ann's thread leaves his outbox to a
//! thread `drain ben` ([`server/delivery/drain.rs`]), which waits in her place, and goes on. The monitor shows how much
//! waits. After a while he is ended with [`TOO_SLOW`](protocol::ErrorCode::TooSlow); at no time does anybody wait for
//! him.
//!
//! Between a thread and a socket there is a [`Transport`](transport::Transport): nothing, or TLS. Which of the two is
//! settled in [`client/security.rs`] and [`server/connect/sniff.rs`], and nobody else asks. And at each end there
//! is a [`Tap`](wire::Tap): the pane "Wire" of the monitor, and of the chat window (F12), shows each line as it goes by,
//! with the thread that has it; the monitor's pane "Threads", what each thread is doing at this moment
//! ([`server/observe/activity.rs`]). The chat window's [`FaultInjection`](client::FaultInjection) makes a class see steps 6 and 7 go wrong,
//! and nobody wait.
//!
//! # The threads
//!
//! The way of that message, and of its echo, from thread to thread:
//!
//! ```text
//!        Ann's client        |              the server              |     Ben's client
//!    main   writer   reader  |  client #1 (Ann's)  drain ben history|  reader        main
//!      |      |        |     |      |                  .        |   |    |            |
//!    Enter    |      read()  |    read()               .        |   |  read()         |
//!      |-(64)>|        |     |      |                  .        |   |    |            |
//!      |    write() ==============> |                  .        |   |    |            |
//!      |      |        |     |    parse                .        |   |    |            |
//!      |      |        |     |    registry: stamp, push.        |   |    |            |
//!      |      |        |     |    write() =============.==============> |            |
//!      |      |        |     |      : is it full?      .        |   |  parse          |
//!      |      |        |     |      :.............> write() ========> |            |
//!      |      |        |     |      |                  .        |   |    |---(32)-->timer
//!      |      |        | <====== write(), the echo     .        |   |    |          model
//!    timer<---(32)-----|     |      |------(1000)---------->  commit|    |          window
//!    model    |        |     |    read()               .        |   |  read()         |
//!
//!    -(64)->  a bounded channel, and how much fits into it        ===>  a socket
//! ```
//!
//! | process | thread | lives | blocks in |
//! | ------- | ------ | ----- | --------- |
//! | server | main | always | the window's event loop ([`monitor/window.rs`]); with `--headless`, a channel that signals feed |
//! | | `operator` | with a window | a channel of orders; it owns the [`Server`](server::Server) and takes its [snapshots](server::Snapshot), and lists [what its threads do](server::ThreadInfo) if somebody looks ([`monitor/worker.rs`]) |
//! | | `accept` | from start to stop | `accept` ([`server/connect/accept.rs`]) |
//! | | `client #<n>` | one per connection | `read` ([`server/session.rs`]) |
//! | | `drain <name>` | while that client's socket is full | `write` ([`server/delivery/drain.rs`]) |
//! | | `flusher` | while others speak, or come and go, so fast that there is always more to write | nothing: it writes ([`server/delivery.rs`]) |
//! | | `history` | while it remembers | a channel of messages; it commits them in groups ([`server/storage/history/writer.rs`]) |
//! | client | main | always | the window's event loop ([`chat/window.rs`]) |
//! | | `resolve` | until the host name is looked up | the system's resolver ([`client/dial.rs`]) |
//! | | `reader` | from Connect to the end | `connect`, then `read` ([`client/connection/reader.rs`]) |
//! | | `writer` | while connected | a channel of lines, then `write` ([`client/connection/writer.rs`]) |
//! | | `save`, `browse` | for one errand: a file, a link | a disk; the program that opens links ([`chat/background.rs`]) |
//! | either | `log`, `output` | always; from the first line on | a channel of lines; they write to standard error and standard output, so that no other thread does ([`logging.rs`]) |
//! | either | `signals` | always | a signal, on Unix ([`signals.rs`]) |
//! | either, with a window | `settings` | until what is remembered is written, soon after a change | a disk ([`ui/settings.rs`]) |
//!
//! A window's thread never waits: for the network, a disk, a lock or a name. It takes what is in its channels, and
//! draws.
//!
//! # A connection's life
//!
//! In the server, from the first packet to the last:
//!
//! ```text
//!              accept()                                    accept.rs, lobby.rs
//!                 |       no seat, banned
//!                 +-----------------------------------------------------------------+
//!                 v                                                                 |
//!           +----------+  no handshake                     entrance.rs              |
//!           | text/TLS |------------------------------------------------------------+
//!           +----------+                                                            |
//!                 v                                        greeting.rs              |
//!           +----------+  HELLO_TIMEOUT, HELLO_EXPECTED, BAD_USERNAME, end          |
//!           | greeting |------------------------------------------------------------+
//!           +----------+                                                            |
//!                 | HELLO ben                              door.rs, bans.rs         |
//!                 v       BANNED, PASSWORD_REQUIRED, BAD_PASSWORD, TLS_REQUIRED     |
//!           +----------+                                                            |
//!           |   door   |------------------------------------------------------------+
//!           +----------+                                                            |
//!                 |                                        session.rs, registry.rs  |
//!                 v       USERNAME_TAKEN, SERVER_FULL, SHUTTING_DOWN                v
//!           +----------+  (under the registry's lock)                          +---------+
//!           |   join   |------------------------------------------------------>| refused |
//!           +----------+                                                       +---------+
//!                 | HELLO ben: the acknowledgement                               its last
//!                 v                                                              line, then
//!  +-----------------------------+                                               closed
//!  | here             outbox.rs  |
//!  |                             |  BYE, end of file, a reset, a panic
//!  |   idle <---- take: nothing  |-------------------------------+
//!  |    |              |         |                               |
//!  |    | push         |         |  KICKED, BANNED,              v   session.rs: `JoinGuard` is dropped
//!  |    v              |         |  SHUTTING_DOWN            +---------+  out of the registry, by number;
//!  |  written --------'|         |-------------------------->| leaving |  BYE ben to the others, once;
//!  |    |              |         |                           +---------+  what waits for ben is written
//!  |    | full         |         |                               ^
//!  |    v              |         |  TOO_SLOW: too much waits,    |
//!  |  drained ---------'         |  or nothing was taken for     |
//!  |                             |  the patience                 |
//!  +-----------------------------+-------------------------------+
//! ```
//!
//! Refusals: [`server/connect/accept.rs`], [`server/connect/limits.rs`], [`server/connect/sniff.rs`], [`server/connect/hello.rs`],
//! [`server/connect/auth.rs`]. Joining and leaving: [`server/session.rs`] and [`server/registry.rs`]. Each word in capitals is
//! an [`ErrorCode`](protocol::ErrorCode); what the monitor says of it is an [`DisconnectReason`](server::DisconnectReason).
//!
//! # The locks
//!
//! There are two that are ever held together, always in this order: **the registry's ([`server/registry.rs`]), then one
//! outbox's ([`server/delivery/outbox.rs`]).** Nothing is written to a socket, sent to a channel or read from a file under
//! either. All the others (of the lobby, [`server/connect/limits.rs`]; of the crew, [`server/observe/threads.rs`]; of the counters) are
//! taken alone, for a few assignments; the bans ([`server/storage/bans.rs`]) have one for their list and one for their file,
//! and only the operator ever takes the latter. The members' ([`server/storage/members/enabled.rs`]) is held while a disk is asked, and
//! only those wait for it who are at the door. A TLS connection has one of its own ([`transport.rs`]), for as long as
//! it takes to make records of some text. A thread that panics with a lock held does not spoil it for the others:
//! [`sync.rs`] says why.
//!
//! # The stop
//!
//! [`Server::stop`](server::Server::stop) leaves nothing behind. Each step is final before the next begins
//! ([`server.rs`]):
//!
//! 1. No more connections: the lobby closes, `accept` is woken and joined.
//! 2. Nobody joins any more, and everybody gets `ERR SHUTTING_DOWN` behind what still waits for them.
//! 3. That is written, for a second at most.
//! 4. What is still open is shut, so that every thread comes out of its read or write.
//! 5. All threads are joined ([`server/observe/threads.rs`]). The port can be bound again at once.
//! 6. What was said and is not stored yet is committed, and the thread `history` joined ([`server/storage/history/enabled.rs`]).
//!
//! A client's connection ends in three: [`client/connection.rs`] says which.
//!
//! # The protocol
//!
//! [`protocol`] is the specification. Bob's side of a session: `>` is what he types into `nc`, `<` what the server
//! sends.
//!
//! ```text
//! > HELLO bob                               his thread was waiting in greeting.rs; now it joins
//! < HELLO ann                               everything before his own HELLO is the past
//! < HELLO bob                               and everything after it is live
//! < MSG ann hello                           Ann's thread writes this: he only waits in read
//! > MSG bob hello ann                       his thread writes to all others
//! > PING 1                                  answers come in the order of what they answer:
//! < PONG 1                                  so everybody's outbox has the MSG by now
//! > MSG ann I owe bob money                 parsed, and refused by session.rs
//! < ERR NOT_YOUR_NAME you are bob: write MSG bob <text>
//! < BYE ann                                 Ann's thread has dropped its Presence
//! > BYE                                     so does his; his socket is closed when all is written
//! ```
//!
//! The same through the library, as a program that runs (`examples/rung11_bot.rs` is a longer one):
//!
//! ```
//! use multichat::client::{Connection, Event, Said, Visit};
//! use multichat::protocol::{Capabilities, ClientLine, Username};
//! use multichat::server::{Config, EventSink, Server};
//!
//! let server = Server::start(Config { listen: "127.0.0.1:0".into(), ..Config::default() }, EventSink::default())?;
//! let name = Username::parse("ann").map_err(|why| why.to_string())?;
//! let capabilities = Capabilities { echo: true, ..Capabilities::default() };
//! let ann = Connection::open(Visit { capabilities, ..Visit::new(server.addr().to_string().parse()?, name) });
//!
//! let mut heard = Vec::new();
//! for event in ann.events() {
//!     let Event::Received { lines, .. } = event else { continue };
//!     heard.extend(lines.into_iter().map(|line| line.said));
//!     match &heard[..] {
//!         [Said::Hello(_)] => drop(ann.send(&ClientLine::Msg { username: "ann", text: "hello" })),
//!         [Said::Hello(_), Said::Msg { from, text }] => {
//!             assert_eq!((from.as_str(), text.as_str()), ("ann", "hello"));
//!             break;
//!         }
//!         other => panic!("heard instead: {other:?}"),
//!     }
//! }
//! server.stop();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where is it?
//!
//! | question | answer |
//! | -------- | ------ |
//! | Where is a taken name refused? | In `join` in [`server/registry.rs`], under its lock: looking and taking are one step. [`server/session.rs`] puts it in words, and [`protocol/username.rs`] says which names are the same. |
//! | Who closes the socket of a kicked client? | Whoever writes its last line: `Finished` in `go_round` in [`server/delivery.rs`], or its `drain` thread. [`server/admin.rs`] only leaves that line, and the outbox takes no more. The client's own thread then comes out of its read, and leaves; the descriptor goes with the last who holds it ([`server/delivery/client.rs`]). |
//! | Which thread writes to bob? | The one that found nobody writing when it left something in his outbox: usually the thread of whoever spoke ([`server/delivery/outbox.rs`]). While his socket is full, `drain bob`. |
//! | What happens if a client's thread panics? | Its `JoinGuard` is dropped ([`server/session.rs`]), so it leaves like everybody else, and its [`DisconnectReason`](server::DisconnectReason) is `Panicked`. What it had pushed is still written (`Drop` for `PendingWrites` in [`server/delivery.rs`]). |
//! | Where would I add a verb? | In [`protocol/client_line.rs`]; the compiler then leads to `handle_line` in [`server/session.rs`]. An answer is a [`ServerLine`](protocol::ServerLine), which leads to [`client/event.rs`] and [`chat/state/receive.rs`]; [`wire/meaning.rs`] says what it means. It is the first exercise. |
//!
//! # The shape
//!
//! Dependencies point one way: window, model, events, network, [`protocol`]. Only the window files know the toolkit;
//! the models and the network build and are tested without it (`--no-default-features`). State travels as
//! [snapshots](server::Snapshot), [happenings](server::EventKind) travel over channels.
//!
//! # Where to read next
//!
//! 1. [`protocol`]: what is said on the wire, with a session. It is pure, so it is the easiest to read.
//! 2. [`server/delivery/outbox.rs`]: the one clever thing here; then [`server/delivery.rs`], which uses it, and
//!    `server/delivery/outbox/interleavings.rs`, which shows that it holds, and what breaks without each of its steps.
//! 3. [`server`]: the life of a connection ([`server/connect/accept.rs`], [`server/connect/sniff.rs`], [`server/connect/hello.rs`],
//!    [`server/session.rs`]), and the stop.
//! 4. [`transport`]: text or TLS between all that and the socket, and how one thread reads while others write.
//! 5. [`client`]: the same seen from the other end, and how a window stays awake.
//!
//! Then try the [exercises](guide::exercises), each with the test that a solution must pass; read [why it was made like
//! this](guide::why_threads), and [what it would take](guide::many_machines) to have more than one machine.
//!
//! [`client/connection.rs`]: ../src/multichat/client/connection.rs.html
//! [`client/dial.rs`]: ../src/multichat/client/dial.rs.html
//! [`client/connection/reader.rs`]: ../src/multichat/client/connection/reader.rs.html
//! [`client/security.rs`]: ../src/multichat/client/security.rs.html
//! [`client/connection/writer.rs`]: ../src/multichat/client/connection/writer.rs.html
//! [`chat/background.rs`]: ../src/multichat/chat/background.rs.html
//! [`client/event.rs`]: ../src/multichat/client/event.rs.html
//! [`chat/state/receive.rs`]: ../src/multichat/chat/state/receive.rs.html
//! [`chat/state/queue.rs`]: ../src/multichat/chat/state/queue.rs.html
//! [`chat/state/send.rs`]: ../src/multichat/chat/state/send.rs.html
//! [`chat/window.rs`]: ../src/multichat/chat/window.rs.html
//! [`chat/window/conversation/transcript.rs`]: ../src/multichat/chat/window/conversation/transcript.rs.html
//! [`chat/window/conversation/writing.rs`]: ../src/multichat/chat/window/conversation/writing.rs.html
//! [`logging.rs`]: ../src/multichat/logging.rs.html
//! [`protocol/client_line.rs`]: ../src/multichat/protocol/client_line.rs.html
//! [`protocol/username.rs`]: ../src/multichat/protocol/username.rs.html
//! [`server/connect/accept.rs`]: ../src/multichat/server/connect/accept.rs.html
//! [`server/storage/bans.rs`]: ../src/multichat/server/storage/bans.rs.html
//! [`server/delivery/client.rs`]: ../src/multichat/server/delivery/client.rs.html
//! [`server/observe/threads.rs`]: ../src/multichat/server/observe/threads.rs.html
//! [`server/delivery.rs`]: ../src/multichat/server/delivery.rs.html
//! [`server/delivery/claim.rs`]: ../src/multichat/server/delivery/claim.rs.html
//! [`server/delivery/drain.rs`]: ../src/multichat/server/delivery/drain.rs.html
//! [`server/observe/activity.rs`]: ../src/multichat/server/observe/activity.rs.html
//! [`server/connect/auth.rs`]: ../src/multichat/server/connect/auth.rs.html
//! [`server/connect/sniff.rs`]: ../src/multichat/server/connect/sniff.rs.html
//! [`server/connect/hello.rs`]: ../src/multichat/server/connect/hello.rs.html
//! [`server/storage/history/enabled.rs`]: ../src/multichat/server/storage/history/enabled.rs.html
//! [`server/storage/history/writer.rs`]: ../src/multichat/server/storage/history/writer.rs.html
//! [`server/connect/limits.rs`]: ../src/multichat/server/connect/limits.rs.html
//! [`server/storage/members/enabled.rs`]: ../src/multichat/server/storage/members/enabled.rs.html
//! [`server.rs`]: ../src/multichat/server.rs.html
//! [`monitor/worker.rs`]: ../src/multichat/monitor/worker.rs.html
//! [`monitor/window.rs`]: ../src/multichat/monitor/window.rs.html
//! [`server/admin.rs`]: ../src/multichat/server/admin.rs.html
//! [`server/delivery/outbox.rs`]: ../src/multichat/server/delivery/outbox.rs.html
//! [`server/registry.rs`]: ../src/multichat/server/registry.rs.html
//! [`server/delivery/batch.rs`]: ../src/multichat/server/delivery/batch.rs.html
//! [`server/session.rs`]: ../src/multichat/server/session.rs.html
//! [`signals.rs`]: ../src/multichat/signals.rs.html
//! [`sync.rs`]: ../src/multichat/sync.rs.html
//! [`transport.rs`]: ../src/multichat/transport.rs.html
//! [`ui/settings.rs`]: ../src/multichat/ui/settings.rs.html
//! [`ui/timer.rs`]: ../src/multichat/ui/timer.rs.html
//! [`wire/meaning.rs`]: ../src/multichat/wire/meaning.rs.html

pub mod chat;
pub mod client;
pub mod clock;
pub mod files;
#[cfg(doc)]
pub mod guide;
pub mod logging;
pub mod monitor;
mod password;
pub mod protocol;
pub mod server;
pub mod signals;
mod sync;
mod text_runs;
pub mod transport;
#[cfg(feature = "gui")]
pub mod ui;
pub mod wire;
