//! A pricing rule that asks for the host's network: refused at upload, by the name of what it imports.

use nexusport_sdk::pricing::{Description, Priced, Pricing, Properties, Refusal, Request, refused};

use world::wasi::sockets::instance_network::instance_network;

struct OpensSockets;

impl Pricing for OpensSockets {
    fn describe() -> Description {
        let about = nexusport_sdk::about!("{}");
        Description {
            about,
            properties: Properties {
                additive: false,
                monotone: false,
            },
            extras: Vec::new(),
        }
    }

    fn price(_request: Request) -> Result<Priced, Refusal> {
        drop(instance_network());
        Err(refused("opened", "the network"))
    }
}

nexusport_sdk::pricing!(OpensSockets);

mod world {
    wit_bindgen::generate!({
        inline: "
            package hostile:opens-sockets;
            world opens-sockets {
                import wasi:sockets/instance-network@0.2.0;
            }
            package wasi:sockets@0.2.0 {
                interface network {
                    resource network;
                }
                interface instance-network {
                    use network.{network};
                    instance-network: func() -> network;
                }
            }
        ",
        generate_all,
    });
}
