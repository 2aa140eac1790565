//! A connection to the session bus of D-Bus: calls with a deadline, and signals. The socket is an ordinary blocking one.
//!
//! Belongs to the thread that opened it. An error ends the connection: its owner drops it.
//!
//! A message is a header and a body. The header says, among other things, how long the body is, of which types its values
//! are, and which call it answers (<https://dbus.freedesktop.org/doc/dbus-specification.html>).

pub mod wire;

use std::collections::VecDeque;
use std::env;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use wire::{Value, invalid};

/// Maximum time for the greeting, and for calls of the bus itself.
pub const TIMEOUT: Duration = Duration::from_secs(2);
/// Maximum length of a body and of the fields of a header, in bytes. Those that concern us are short.
const LENGTH_MAX: usize = 1 << 20;
/// Maximum number of signals that wait until the owner takes them. The oldest goes first.
const SIGNALS_MAX: usize = 100;
/// Length of the beginning of a header, which ends with the length of its fields.
const FIXED: usize = 16;
/// First byte of each message: the byte order of this computer.
const BYTE_ORDER: u8 = if cfg!(target_endian = "little") { b'l' } else { b'B' };

/// Kind of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A call of a method.
    #[default]
    Call = 1,
    /// The answer to a call.
    Reply = 2,
    /// The answer to a call that failed.
    Error = 3,
    /// A message without an answer.
    Signal = 4,
}

/// A message.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// Kind of the message.
    pub kind: Kind,
    /// Path of the object that is called, or that sends the signal.
    pub path: String,
    /// Interface of the method or the signal.
    pub interface: String,
    /// Name of the method or the signal.
    pub member: String,
    /// Name of the error.
    pub error: String,
    /// Receiver; empty for a signal to all.
    pub destination: String,
    /// Sender, which the bus fills in.
    pub sender: String,
    /// Serial number of the call that this message answers; 0 if it answers none.
    pub reply_to: u32,
    /// Serial number of this message. [`Bus::send`] chooses it.
    pub serial: u32,
    /// The values of the body.
    pub body: Vec<Value>,
}

/// An object of another program: its owner, its path and its interface.
#[derive(Clone, Copy, Debug)]
pub struct Object {
    /// The name by which the bus knows the program.
    pub owner: &'static str,
    /// Path of the object in that program.
    pub path: &'static str,
    /// The interface whose methods are called.
    pub interface: &'static str,
}

/// The bus itself, as an object on the bus.
pub const BUS: Object =
    Object { owner: "org.freedesktop.DBus", path: "/org/freedesktop/DBus", interface: "org.freedesktop.DBus" };

/// A connection to a bus.
#[derive(Debug)]
pub struct Bus {
    stream: UnixStream,
    last_serial: u32,
    /// Bytes that were read and belong to no complete message yet.
    unread: Vec<u8>,
    /// Signals and calls that arrived while an answer was awaited.
    waiting: VecDeque<Message>,
}

impl Bus {
    /// Connects to the session bus.
    ///
    /// # Errors
    /// There is no session bus, or it does not answer.
    pub fn session() -> io::Result<Bus> {
        let default = || env::var("XDG_RUNTIME_DIR").map(|folder| format!("unix:path={folder}/bus"));
        let addresses = env::var("DBUS_SESSION_BUS_ADDRESS").or_else(|_| default());
        Bus::connect(&addresses.map_err(|_| io::Error::new(ErrorKind::NotFound, "no session bus is known here"))?)
    }

    /// Connects to the first of several addresses, separated by semicolons, that names a socket.
    ///
    /// # Errors
    /// There is no such bus, or it does not answer.
    pub fn connect(addresses: &str) -> io::Result<Bus> {
        let dialled = addresses.split(';').find_map(dial);
        Bus::greet(dialled.ok_or_else(|| io::Error::new(ErrorKind::Unsupported, format!("no socket in {addresses}")))??)
    }

    /// Introduces the client. The bus knows the user from the socket itself.
    fn greet(stream: UnixStream) -> io::Result<Bus> {
        let mut bus = Bus { stream, last_serial: 0, unread: Vec::new(), waiting: VecDeque::new() };
        let deadline = Instant::now() + TIMEOUT;
        for (say, expect) in [("\0AUTH EXTERNAL\r\n", "DATA"), ("DATA\r\n", "OK")] {
            bus.write(say.as_bytes(), deadline)?;
            let line = loop {
                match bus.unread.windows(2).position(|two| two == b"\r\n") {
                    Some(end) => break bus.unread.drain(..end + 2).collect::<Vec<_>>(),
                    None if bus.unread.len() > LENGTH_MAX => return Err(invalid("a greeting without an end")),
                    None => bus.read(Some(deadline))?,
                }
            };
            if !line.starts_with(expect.as_bytes()) {
                return Err(invalid(&format!("in place of {expect}: {}", line.escape_ascii())));
            }
        }
        bus.write(b"BEGIN\r\n", deadline)?;
        bus.call(BUS, "Hello", vec![], deadline)?;
        Ok(bus)
    }

    /// Asks for the signals that match a rule.
    ///
    /// # Errors
    /// Those of [`call`](Bus::call).
    pub fn subscribe(&mut self, rule: &str) -> io::Result<()> {
        self.call(BUS, "AddMatch", vec![rule.into()], Instant::now() + TIMEOUT).map(drop)
    }

    /// Calls a method, and waits for the values that it returns.
    ///
    /// # Errors
    /// The connection is lost; there is no answer at the deadline (`TimedOut`); or the answer is an error.
    pub fn call(
        &mut self,
        object: Object,
        member: &str,
        body: Vec<Value>,
        deadline: Instant,
    ) -> io::Result<Vec<Value>> {
        let [destination, path, interface] = [object.owner, object.path, object.interface].map(str::to_owned);
        let call = Message { destination, path, interface, member: member.to_owned(), body, ..Message::default() };
        let serial = self.send(call, deadline)?;
        loop {
            let message = self.receive(Some(deadline))?;
            match message.kind {
                Kind::Reply if message.reply_to == serial => return Ok(message.body),
                Kind::Error if message.reply_to == serial => {
                    let words = message.body.first().and_then(Value::text).unwrap_or_default();
                    return Err(io::Error::other(format!("{}: {words}", message.error)));
                }
                Kind::Call | Kind::Signal => {
                    if self.waiting.len() == SIGNALS_MAX {
                        self.waiting.pop_front();
                    }
                    self.waiting.push_back(message);
                }
                // Answers to earlier calls, which came too late.
                Kind::Reply | Kind::Error => {}
            }
        }
    }

    /// Returns the next signal or call. Without a deadline it waits until there is one.
    ///
    /// # Errors
    /// The connection is lost, or none has arrived at the deadline (`TimedOut`).
    pub fn next(&mut self, deadline: Option<Instant>) -> io::Result<Message> {
        loop {
            if let Some(message) = self.waiting.pop_front() {
                return Ok(message);
            }
            let message = self.receive(deadline)?;
            if matches!(message.kind, Kind::Call | Kind::Signal) {
                return Ok(message);
            }
        }
    }

    /// Sends a message, and returns its serial number.
    ///
    /// # Errors
    /// The connection is lost, or the bus has not taken the message at the deadline.
    pub fn send(&mut self, message: Message, deadline: Instant) -> io::Result<u32> {
        self.last_serial = self.last_serial.wrapping_add(1).max(1);
        let bytes = Message { serial: self.last_serial, ..message }.bytes();
        self.write(&bytes, deadline).map(|()| self.last_serial)
    }

    /// Reads one message.
    fn receive(&mut self, deadline: Option<Instant>) -> io::Result<Message> {
        self.read_up_to(FIXED, deadline)?;
        let (body, fields) = Message::lengths(&self.unread)?;
        let begin = (FIXED + fields).next_multiple_of(8);
        self.read_up_to(begin + body, deadline)?;
        let bytes: Vec<u8> = self.unread.drain(..begin + body).collect();
        Message::parse(&bytes, begin)
    }

    fn read_up_to(&mut self, count: usize, deadline: Option<Instant>) -> io::Result<()> {
        while self.unread.len() < count {
            self.read(deadline)?;
        }
        Ok(())
    }

    fn read(&mut self, deadline: Option<Instant>) -> io::Result<()> {
        self.stream.set_read_timeout(deadline.map(left).transpose()?)?;
        let mut buffer = [0; 4096];
        match self.stream.read(&mut buffer) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                self.unread.extend_from_slice(&buffer[..count]);
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Err(ErrorKind::TimedOut.into()),
            Err(error) => Err(error),
        }
    }

    fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<()> {
        self.stream.set_write_timeout(Some(left(deadline)?))?;
        self.stream.write_all(bytes)
    }
}

impl Message {
    /// Returns the message as it is sent.
    fn bytes(&self) -> Vec<u8> {
        let mut body = Vec::new();
        self.body.iter().for_each(|value| value.write(&mut body));
        let texts = [(2, &self.interface), (3, &self.member), (4, &self.error), (6, &self.destination)];
        let texts = texts.into_iter().map(|(code, text)| (code, Value::Text(text.clone())));
        let others = [(1, Value::Path(self.path.clone())), (8, Value::Signature(wire::signature(&self.body)))];
        let mut fields: Vec<_> = texts.chain(others).filter(|(_, value)| value.text() != Some("")).collect();
        if self.reply_to != 0 {
            fields.push((5, self.reply_to.into()));
        }
        let field = |(code, value)| Value::Struct(vec![Value::Byte(code), Value::Variant(Box::new(value))]);
        // No answer is expected to what is no call.
        let mut bytes = vec![BYTE_ORDER, self.kind as u8, u8::from(self.kind != Kind::Call), 1];
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        let fields = Value::Array("(yv)", fields.into_iter().map(field).collect());
        [length.into(), self.serial.into(), fields].iter().for_each(|value: &Value| value.write(&mut bytes));
        wire::pad(&mut bytes, 8);
        bytes.extend(body);
        bytes
    }

    /// Returns the lengths of the body and of the header's fields, which its first bytes contain.
    fn lengths(bytes: &[u8]) -> io::Result<(usize, usize)> {
        if bytes.first() != Some(&BYTE_ORDER) {
            return Err(invalid("a message in another byte order"));
        }
        let numbers = wire::read("uuu", bytes, 4)?;
        let length = |at: usize| usize::try_from(numbers[at].number().unwrap_or(u32::MAX)).unwrap_or(usize::MAX);
        let (body, fields) = (length(0), length(2));
        if body.max(fields) > LENGTH_MAX { Err(invalid("a message that is too long")) } else { Ok((body, fields)) }
    }

    /// Returns the message with these bytes, whose body begins at an offset. A body of types that do not occur in our
    /// messages is left out.
    fn parse(bytes: &[u8], begin: usize) -> io::Result<Message> {
        let kind = match bytes[1] {
            1 => Kind::Call,
            2 => Kind::Reply,
            3 => Kind::Error,
            4 => Kind::Signal,
            kind => return Err(invalid(&format!("a message of the kind {kind}"))),
        };
        let mut message = Message { kind, ..Message::default() };
        let mut types = String::new();
        let header = wire::read("uua(yv)", &bytes[..begin], 4)?;
        message.serial = header[1].number().unwrap_or_default();
        let Value::Array(_, fields) = &header[2] else { return Err(invalid("a header without fields")) };
        for field in fields {
            let Value::Struct(field) = field else { continue };
            let [Value::Byte(code), Value::Variant(value)] = field.as_slice() else { continue };
            let text = value.text().unwrap_or_default().to_owned();
            match code {
                1 => message.path = text,
                2 => message.interface = text,
                3 => message.member = text,
                4 => message.error = text,
                5 => message.reply_to = value.number().unwrap_or_default(),
                6 => message.destination = text,
                7 => message.sender = text,
                8 => types = text,
                _ => {}
            }
        }
        message.body = wire::read(&types, &bytes[begin..], 0).unwrap_or_default();
        Ok(message)
    }
}

/// Connects to the socket that an address names, such as `unix:path=/run/user/1000/bus,guid=...`; `None` if it names none.
fn dial(address: &str) -> Option<io::Result<UnixStream>> {
    let pairs = address.strip_prefix("unix:")?;
    pairs.split(',').filter_map(|pair| pair.split_once('=')).find_map(|(key, value)| match key {
        "path" => Some(UnixStream::connect(value)),
        #[cfg(target_os = "linux")]
        "abstract" => {
            use std::os::linux::net::SocketAddrExt as _;
            let name = std::os::unix::net::SocketAddr::from_abstract_name(value);
            Some(name.and_then(|name| UnixStream::connect_addr(&name)))
        }
        _ => None,
    })
}

/// Returns the time until a deadline.
fn left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(ErrorKind::TimedOut.into()) } else { Ok(left) }
}
