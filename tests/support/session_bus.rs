//! A session bus of the test's own (dbus-daemon), and on it a desktop that the test plays: its notification service, and
//! the portal that tells the colours of the system. No service of the real desktop is asked or started.

use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use multichat::internal::desktop::bus::wire::Value;
use multichat::internal::desktop::bus::{BUS, Bus, Kind, Message};

use super::program::Home;
use super::{DEADLINE, lines};

const NOTIFICATIONS: &str = "org.freedesktop.Notifications";
const PORTAL: &str = "org.freedesktop.portal.Desktop";
const SETTINGS: &str = "org.freedesktop.portal.Settings";

/// A bus. Dropping it ends it.
pub(crate) struct SessionBus {
    process: Child,
    pub(crate) address: String,
    _home: Home,
}

impl SessionBus {
    /// Starts a bus with a configuration that starts no services.
    pub(crate) fn start() -> SessionBus {
        let home = Home::new();
        let file = home.path().join("bus.conf");
        let folder = home.path().display();
        let configuration = format!(
            "<busconfig><type>session</type><listen>unix:dir={folder}</listen><policy context=\"default\">\
             <allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/></policy>\
             </busconfig>"
        );
        std::fs::write(&file, configuration).unwrap();
        let mut process = Command::new("dbus-daemon")
            .args(["--nofork", "--print-address=1", &format!("--config-file={}", file.display())])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon is needed: script/bootstrap installs it");
        let address = lines(process.stdout.take().unwrap()).recv_timeout(DEADLINE).expect("dbus-daemon does not start");
        SessionBus { process, address, _home: home }
    }

    /// Returns the variable by which a program finds the bus.
    pub(crate) fn variable(&self) -> (&'static str, &str) {
        ("DBUS_SESSION_BUS_ADDRESS", &self.address)
    }
}

impl Drop for SessionBus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A call of the notification service.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// A notification is shown, maybe in place of another one.
    Notify { number: u32, replaces: u32, summary: String, body: String, sound: bool },
    /// A notification is closed.
    Close(u32),
}

/// The services of a desktop. Dropping them takes them from the bus.
pub(crate) struct FakeDesktop {
    calls: Receiver<Call>,
    signals: Sender<Message>,
    /// The value of `color-scheme`.
    scheme: Arc<Mutex<u32>>,
    ends: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl FakeDesktop {
    /// Starts the services on a bus; `scheme` is 1 for dark and 2 for light. With `answers` false they take calls and do
    /// nothing.
    pub(crate) fn start(bus: &SessionBus, scheme: u32, answers: bool) -> FakeDesktop {
        let mut bus = Bus::connect(&bus.address).unwrap();
        for name in [NOTIFICATIONS, PORTAL] {
            bus.call(BUS, "RequestName", vec![name.into(), 0.into()], soon()).unwrap();
        }
        let ((called, calls), (signals, emitted)) = (unbounded(), unbounded::<Message>());
        let (scheme, ends) = (Arc::new(Mutex::new(scheme)), Arc::new(AtomicBool::new(false)));
        let mut service = Service { bus, called, scheme: Arc::clone(&scheme), last: 0 };
        let end = Arc::clone(&ends);
        let thread = thread::spawn(move || {
            while !end.load(Ordering::Relaxed) {
                for signal in emitted.try_iter() {
                    service.bus.send(signal, soon()).unwrap();
                }
                match service.bus.next(Some(Instant::now() + Duration::from_millis(20))) {
                    Ok(call) if call.kind == Kind::Call && answers => service.answer(call),
                    _ => {}
                }
            }
        });
        FakeDesktop { calls, signals, scheme, ends, thread: Some(thread) }
    }

    /// Returns the next call of the notification service.
    #[track_caller]
    pub(crate) fn next_call(&self) -> Call {
        self.calls.recv_timeout(DEADLINE).expect("no call of the notification service")
    }

    /// Returns a call that has come already, if there is one.
    pub(crate) fn waiting_call(&self) -> Option<Call> {
        self.calls.try_recv().ok()
    }

    /// Clicks on a notification.
    pub(crate) fn click(&self, number: u32) {
        let body = vec![number.into(), "default".into()];
        self.emit("/org/freedesktop/Notifications", NOTIFICATIONS, "ActionInvoked", body);
    }

    /// Changes the colours of the system.
    pub(crate) fn set_scheme(&self, scheme: u32) {
        *self.scheme.lock().unwrap() = scheme;
        let value = Value::Variant(Box::new(scheme.into()));
        let body = vec!["org.freedesktop.appearance".into(), "color-scheme".into(), value];
        self.emit("/org/freedesktop/portal/desktop", SETTINGS, "SettingChanged", body);
    }

    fn emit(&self, path: &str, interface: &str, member: &str, body: Vec<Value>) {
        let [path, interface, member] = [path, interface, member].map(str::to_owned);
        self.signals.send(Message { kind: Kind::Signal, path, interface, member, body, ..Message::default() }).unwrap();
    }
}

impl Drop for FakeDesktop {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(thread::JoinHandle::join);
    }
}

struct Service {
    bus: Bus,
    called: Sender<Call>,
    scheme: Arc<Mutex<u32>>,
    last: u32,
}

impl Service {
    fn answer(&mut self, call: Message) {
        let number = |at: usize| call.body[at].number().unwrap();
        let text = |at: usize| call.body[at].text().unwrap().to_owned();
        let body = match call.member.as_str() {
            "GetCapabilities" => {
                vec![Value::Array("s", ["actions", "body", "body-markup"].map(Value::from).to_vec())]
            }
            "Notify" => {
                let replaces = number(1);
                if replaces == 0 {
                    self.last += 1;
                }
                let number = if replaces == 0 { self.last } else { replaces };
                let sound = format!("{:?}", call.body[6]).contains("sound-name");
                self.called.send(Call::Notify { number, replaces, summary: text(3), body: text(4), sound }).unwrap();
                vec![number.into()]
            }
            "CloseNotification" => {
                self.called.send(Call::Close(number(0))).unwrap();
                vec![]
            }
            "Read" => {
                assert_eq!((text(0).as_str(), text(1).as_str()), ("org.freedesktop.appearance", "color-scheme"));
                let value = Value::from(*self.scheme.lock().unwrap());
                vec![Value::Variant(Box::new(Value::Variant(Box::new(value))))]
            }
            _ => return,
        };
        let (destination, reply_to) = (call.sender, call.serial);
        let reply = Message { kind: Kind::Reply, destination, reply_to, body, ..Message::default() };
        self.bus.send(reply, soon()).unwrap();
    }
}

fn soon() -> Instant {
    Instant::now() + DEADLINE
}
