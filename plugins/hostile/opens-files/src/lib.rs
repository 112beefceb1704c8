//! A pricing rule that lists the host's folders: refused at upload, by the name of what it imports.

use nexusport_sdk::pricing::{Description, Priced, Pricing, Properties, Refusal, Request, refused};

use world::wasi::filesystem::preopens::get_directories;

struct OpensFiles;

impl Pricing for OpensFiles {
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
        Err(refused("opened", format!("{} folders", get_directories().len())))
    }
}

nexusport_sdk::pricing!(OpensFiles);

mod world {
    wit_bindgen::generate!({
        inline: "
            package hostile:opens-files;
            world opens-files {
                import wasi:filesystem/preopens@0.2.0;
            }
            package wasi:filesystem@0.2.0 {
                interface types {
                    resource descriptor;
                }
                interface preopens {
                    use types.{descriptor};
                    get-directories: func() -> list<tuple<descriptor, string>>;
                }
            }
        ",
        generate_all,
    });
}
