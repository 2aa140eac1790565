//! A session bus of the test's own (dbus-daemon), and on it a desktop that the test plays: its notification service, and
//! the portal that tells the colours of the system. No service of the real desktop is asked or started.

use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};
use dbus::arg::{AppendAll, PropMap, Variant};
use dbus::blocking::Connection;
use dbus::{Message, MessageType};

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
        let bus = Connection::new_address(&bus.address).unwrap();
        for name in [NOTIFICATIONS, PORTAL] {
            bus.request_name(name, false, false, true).unwrap();
        }
        let ((called, calls), (signals, emitted)) = (unbounded(), unbounded::<Message>());
        let (scheme, ends) = (Arc::new(Mutex::new(scheme)), Arc::new(AtomicBool::new(false)));
        let mut service = Service { called, scheme: Arc::clone(&scheme), last: 0 };
        let end = Arc::clone(&ends);
        let thread = thread::spawn(move || {
            let bus = bus.channel();
            while !end.load(Ordering::Relaxed) {
                for signal in emitted.try_iter() {
                    bus.send(signal).unwrap();
                }
                match bus.blocking_pop_message(Duration::from_millis(20)).unwrap() {
                    Some(call) if call.msg_type() == MessageType::MethodCall && answers => {
                        bus.send(service.answer(&call)).unwrap();
                    }
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
        self.emit("/org/freedesktop/Notifications", NOTIFICATIONS, "ActionInvoked", (number, "default"));
    }

    /// Changes the colours of the system.
    pub(crate) fn set_scheme(&self, scheme: u32) {
        *self.scheme.lock().unwrap() = scheme;
        let body = ("org.freedesktop.appearance", "color-scheme", Variant(scheme));
        self.emit("/org/freedesktop/portal/desktop", SETTINGS, "SettingChanged", body);
    }

    fn emit(&self, path: &str, interface: &str, member: &str, body: impl AppendAll) {
        let mut signal = Message::new_signal(path, interface, member).unwrap();
        signal.append_all(body);
        self.signals.send(signal).unwrap();
    }
}

impl Drop for FakeDesktop {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(thread::JoinHandle::join);
    }
}

/// Values of a call of `Notify`.
type Notify = (String, u32, String, String, String, Vec<String>, PropMap, i32);

struct Service {
    called: Sender<Call>,
    scheme: Arc<Mutex<u32>>,
    last: u32,
}

impl Service {
    fn answer(&mut self, call: &Message) -> Message {
        let answer = call.method_return();
        match call.member().as_deref().unwrap() {
            "GetCapabilities" => answer.append1(vec!["actions", "body", "body-markup"]),
            "Notify" => {
                let (_, replaces, _, summary, body, _, hints, _): Notify = call.read_all().unwrap();
                if replaces == 0 {
                    self.last += 1;
                }
                let number = if replaces == 0 { self.last } else { replaces };
                let sound = hints.contains_key("sound-name");
                self.called.send(Call::Notify { number, replaces, summary, body, sound }).unwrap();
                answer.append1(number)
            }
            "CloseNotification" => {
                self.called.send(Call::Close(call.read1().unwrap())).unwrap();
                answer
            }
            "Read" => {
                assert_eq!(call.read2(), Ok(("org.freedesktop.appearance", "color-scheme")));
                answer.append1(Variant(Variant(*self.scheme.lock().unwrap())))
            }
            other => panic!("a call of {other}"),
        }
    }
}
